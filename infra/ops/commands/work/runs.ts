import { InvalidArgumentError } from '@commander-js/extra-typings';
import { timeText } from '../../../../shared/time-text.ts';
import { type ListedRun, readRuns } from '../../../status/run-history.ts';
import { readAuthorization } from '../../targets/authorization.ts';
import { storesOf } from '../../targets/stores.ts';
import type { Target } from '../../targets/target.ts';
import { tableText } from '../../terminal/table-text.ts';
import { print, printJson, tell } from '../../terminal/terminal.ts';
import { type Ops, opsCommand, UsageError } from '../command.ts';

const USUAL_LIMIT = 50;

export function runs(ops: Ops) {
  const { terminal } = ops;
  return opsCommand(
    'runs',
    'list runs: those that go on, and those that ended in the last 90 days',
    'The latest first. `incidents` has what people did about incidents.',
  )
    .option('--resource <name>', 'only of this resource')
    .option('--failed', 'only those that failed')
    .option('--limit <n>', 'at most so many', limitOf, USUAL_LIMIT)
    .option('--json', 'print JSON')
    .action(({ resource, failed = false, limit, json, ...places }) =>
      ops.open(places)(async (target) => {
        if (resource !== undefined && !target.enabledResources.includes(resource)) {
          throw new UsageError(
            `There is no enabled resource ${resource}. Enabled: ${target.enabledResources.join(', ')}.`,
            'runs',
          );
        }
        const filter = { limit, onlyFailed: failed, ...(resource !== undefined && { resource }) };
        const listed = await readRuns(filter, runHistoryPorts(target));
        if (json) return printJson(terminal, listed);
        if (listed.length === 0) return tell(terminal, 'No runs.');
        print(terminal, tableText([HEADER, ...listed.map((run) => rowOf(run, target.timeZone))]));
      }),
    );
}

/** What the runs of a target are read from. */
export function runHistoryPorts(target: Target) {
  const { enabledResources: resources, accountIds } = target;
  return {
    lists: { resources, accountIds },
    runs: storesOf(target).runs,
    authorization: () => readAuthorization(target),
  };
}

const HEADER = ['STARTED', 'RESOURCE', 'MODE', 'STATUS', 'TOOK', 'FETCHED', 'CHANGED', 'CALLS', 'ERROR'];

function rowOf(run: ListedRun, timeZone: string): string[] {
  const { resource, mode, status, startedAt, finishedAt, counts, apiCalls, error } = run;
  const tookMs = finishedAt === null ? undefined : Date.parse(finishedAt) - Date.parse(startedAt);
  return [
    timeText(startedAt, timeZone),
    resource,
    mode,
    status,
    tookMs === undefined ? '' : `${(tookMs / 1_000).toFixed(1)} s`,
    String(counts.fetched),
    String(counts.created + counts.updated + counts.deleted),
    String(apiCalls),
    error?.message ?? '',
  ];
}

function limitOf(text: string): number {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit > 0 && limit <= 10_000) return limit;
  throw new InvalidArgumentError('It must be a whole number from 1 to 10,000.');
}
