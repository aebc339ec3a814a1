import type { AuthorizationStatus } from '../../shared/autodesk/client/token-source.ts';
import type { EnabledLists } from '../../shared/sync/runs/resume-stalled.ts';
import { enabledLists } from '../../shared/sync/runs/resume-stalled.ts';
import type { RunReader } from '../../shared/sync/state/run.ts';
import { endedRun, lastRunOf, type RunStatus } from './status.ts';

/** A run of a list, as it is shown. */
export interface ListedRun extends RunStatus {
  resource: string;
  scope: string;
}

export interface RunHistoryPorts {
  lists: EnabledLists;
  runs: RunReader;
  authorization(): Promise<AuthorizationStatus>;
}

export interface RunFilter {
  limit: number;
  /** Those alone that started before a moment, ISO 8601; those that go on are left out then. */
  before?: string;
  resource?: string;
  onlyFailed?: boolean;
}

/** Failed runs are rare: so many ended ones of each list are looked through for them. */
const LOOKED_THROUGH = 1_000;

/** The runs of all lists or of one, the latest first: those that go on, and those that ended within 90 days. */
export async function readRuns(filter: RunFilter, ports: RunHistoryPorts): Promise<ListedRun[]> {
  const lists = enabledLists(ports.lists).filter(
    ({ resource }) => filter.resource === undefined || filter.resource === resource,
  );
  const authorization = await ports.authorization();
  const runs = await Promise.all(
    lists.map(async (list) => {
      const { resource, scope } = list;
      const { before, limit, onlyFailed = false } = filter;
      const options = { limit: onlyFailed ? LOOKED_THROUGH : limit, ...(before !== undefined && { before }) };
      const [state, ended] = await Promise.all([
        ports.runs.read(resource, scope),
        ports.runs.ended(resource, scope, options),
      ]);
      const current =
        before === undefined && state.activeRun ? await lastRunOf(state, ports.runs, authorization) : null;
      return [...(current ? [current] : []), ...ended.map(endedRun)].map((run) => ({ ...list, ...run }));
    }),
  );
  return runs
    .flat()
    .filter(({ status }) => !filter.onlyFailed || status === 'failed')
    .sort((one, other) => other.startedAt.localeCompare(one.startedAt))
    .slice(0, filter.limit);
}
