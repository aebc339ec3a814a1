import { BatchWriteItemCommand, type DynamoDBClient, type WriteRequest } from '@aws-sdk/client-dynamodb';
import { LOCAL_TABLES } from '../../infra/local/engines/tables.ts';
import type { AutodeskApi, PagePosition } from '../../shared/autodesk/client/api.ts';
import { isJsonObject, type Json, type JsonObject } from '../../shared/json.ts';
import { toAttributes } from '../../shared/records/attribute-value.ts';
import { SHARDS } from '../../shared/records/shards.ts';
import { COMPANY_SCOPE, type Resource } from '../../shared/resources/resource.ts';

/** The most that BatchWriteItem takes (an AWS limit). */
const WRITES_A_BATCH = 25;

/** What everything is compared with: reads a page, writes it, reads the next. Answers how many records there were. */
export async function plainLoop(
  api: Pick<AutodeskApi, 'list'>,
  resource: Resource,
  writeBatch: (records: readonly Json[]) => Promise<void>,
): Promise<number> {
  let position: PagePosition | undefined;
  let records = 0;
  do {
    const page = await api.list({
      resource,
      scope: COMPANY_SCOPE,
      limit: 100,
      ...(position && { position }),
    });
    for (let start = 0; start < page.records.length; start += WRITES_A_BATCH) {
      await writeBatch(page.records.slice(start, start + WRITES_A_BATCH));
    }
    records += page.records.length;
    position = page.next;
  } while (position !== undefined);
  return records;
}

/** Writes invites as the plain loop does: with the keys and index keys of the mirror, and without conditions. */
export function batchWriter(client: DynamoDBClient, used: { writeUnits: number }) {
  return async (records: readonly Json[]): Promise<void> => {
    let wanted: WriteRequest[] = records
      .filter(isJsonObject)
      .map((record) => ({ PutRequest: { Item: itemOf(record) } }));
    while (wanted.length > 0) {
      const answer = await client.send(
        new BatchWriteItemCommand({
          RequestItems: { [LOCAL_TABLES.records]: wanted },
          ReturnConsumedCapacity: 'TOTAL',
        }),
      );
      for (const { CapacityUnits = 0 } of answer.ConsumedCapacity ?? []) used.writeUnits += CapacityUnits;
      wanted = answer.UnprocessedItems?.[LOCAL_TABLES.records] ?? [];
    }
  };
}

function itemOf(record: JsonObject) {
  const id = String(record.id);
  return {
    pk: { S: `invites#${id}` },
    sk: { S: 'record' },
    resource: { S: 'invites' },
    id: { S: id },
    data: { M: toAttributes(record) },
    project: { S: String(record.projectId) },
    feed: { S: `invites#company#${Number.parseInt(id.slice(-2), 16) % SHARDS}` },
    feedAt: { S: String(record.updatedAt) },
  };
}
