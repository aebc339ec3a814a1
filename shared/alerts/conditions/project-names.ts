import type { Table } from '../../dynamodb/table.ts';
import type { RecordReader } from '../../records/record.ts';

/** Records that carry the name of their project. */
const NAMING_RESOURCE = 'invites';

/** Looks up a project's name in one of the mirrored invites to it; undefined when none tells. */
export function createProjectNames(recordsTable: Table, records: Pick<RecordReader, 'get'>) {
  return async function projectName(projectId: string): Promise<string | undefined> {
    const invites = recordsTable.query({
      IndexName: 'by-project',
      KeyConditionExpression: '#project = :project AND begins_with(pk, :invites)',
      ExpressionAttributeNames: { '#project': 'project' },
      ExpressionAttributeValues: { ':project': { S: projectId }, ':invites': { S: `${NAMING_RESOURCE}#` } },
      Limit: 1,
    });
    for await (const [invite] of invites) {
      const id = (invite?.pk?.S ?? '').slice(NAMING_RESOURCE.length + 1);
      const name = (await records.get({ resource: NAMING_RESOURCE, id }))?.data.projectName;
      return typeof name === 'string' && name.trim() !== '' ? name : undefined;
    }
    return undefined;
  };
}
