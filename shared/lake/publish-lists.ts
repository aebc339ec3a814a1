import { type FailureReport, reportFailure } from '../errors.ts';
import type { Log } from '../observability/log.ts';
import { requireResource, scopesOf } from '../resources/registry.ts';
import type { EnabledLists } from '../sync/runs/resume-stalled.ts';
import { PublishingFailedError } from './errors.ts';
import { type PublishPorts, publishTables, type TableGroup, tablesOf } from './publish.ts';
import { extractTables, type PublishExtractsPorts, publishExtractTable } from './publish-extracts.ts';

export interface PublishListsPorts extends PublishPorts {
  /** Undefined while the files of Data Connector's jobs are not landed. */
  extracts: PublishExtractsPorts['extracts'] | undefined;
  log: Log;
}

/**
 * Publishes what has changed in the lists, the least current tables first, so that none waits for ever where the time is
 * short, and then in the landed extracts. One that fails does not keep the others back; then it throws
 * `PublishingFailedError`.
 */
export async function publishLists(lists: EnabledLists, ports: PublishListsPorts): Promise<void> {
  const { extracts, log } = ports;
  const failures: FailureReport[] = [];
  const attempt = async (about: Record<string, string>, publish: () => Promise<Record<string, number>>) => {
    try {
      const done = await publish();
      if (Object.values(done).some((count) => count > 0)) log.info('tables published', { ...about, ...done });
    } catch (error) {
      const report = reportFailure(error);
      failures.push(report);
      log.error('tables not published', { ...about, ...report });
    }
  };
  for (const group of await leastCurrentFirst(lists, ports)) {
    const { kind, resource } = group;
    await attempt({ resource: resource.name, kind }, async () => {
      const { outcome, rows } = await publishTables(group, ports);
      return { tables: outcome === 'published' ? tablesOf(group).length : 0, rows };
    });
  }
  if (extracts !== undefined) {
    for (const [table, sources] of await extractTables({ ...ports, extracts })) {
      await attempt({ kind: 'extracts', table }, async () => {
        const outcome = await publishExtractTable(table, sources, { ...ports, extracts });
        return { tables: outcome === 'published' ? 1 : 0 };
      });
    }
  }
  if (failures.length > 0) throw new PublishingFailedError(failures);
}

async function leastCurrentFirst(lists: EnabledLists, { lake }: PublishPorts): Promise<TableGroup[]> {
  const groups = lists.resources.flatMap((name) => {
    const resource = requireResource(name);
    const scopes = scopesOf(resource, lists.accountIds);
    return scopes.length === 0
      ? []
      : (['records', 'history'] as const).map((kind): TableGroup => ({ kind, resource, scopes }));
  });
  const dated = await Promise.all(
    groups.map(async (group) => {
      const [first] = tablesOf(group);
      const current = first && (await lake.current(first.table));
      return { group, asOf: current?.asOf ?? '' };
    }),
  );
  return dated.sort((a, b) => (a.asOf < b.asOf ? -1 : 1)).map(({ group }) => group);
}
