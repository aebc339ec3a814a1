import { replayCallback } from '../../../../shared/callbacks/confirm-callbacks.ts';
import { storesOf } from '../../targets/stores.ts';
import type { Target } from '../../targets/target.ts';
import { CommandFailedError } from '../../terminal/command-failed-error.ts';
import { tableText } from '../../terminal/table-text.ts';
import { print, printJson, tell } from '../../terminal/terminal.ts';
import { type Ops, opsCommand } from '../command.ts';

export function replay(ops: Ops) {
  const { terminal } = ops;
  return opsCommand(
    'replay',
    'confirm a stored callback with Autodesk again, or list the stored ones',
    'Without a job id, lists the stored callbacks. If Autodesk confirms the job, a sync is requested.',
  )
    .argument('[job-id]')
    .option('--json', 'print JSON')
    .action((jobId, { json, ...places }) =>
      ops.open(places)(async (target) => {
        if (jobId !== undefined) {
          await replayJob(jobId, target);
          tell(terminal, `Confirming the callback of job ${jobId} again.`);
          return;
        }
        const callbacks = await storedCallbacks(target);
        if (json) return printJson(terminal, callbacks);
        if (callbacks.length === 0) return tell(terminal, 'No stored callbacks.');
        print(
          terminal,
          tableText([
            ['ACCOUNT', 'JOB', 'REQUEST', 'RECEIVED', 'STATE'],
            ...callbacks.map((each) => [
              each.accountId,
              each.jobId,
              each.requestId,
              each.receivedAt,
              each.state,
            ]),
          ]),
        );
      }),
    );
}

async function replayJob(jobId: string, target: Target): Promise<void> {
  const stores = storesOf(target);
  for (const accountId of target.accountIds) {
    if (await replayCallback(accountId, jobId, stores)) return;
  }
  throw new CommandFailedError(
    `There is no stored callback for job ${jobId}.`,
    'List them with `npm run ops -- replay`.',
  );
}

async function storedCallbacks(target: Target) {
  const { callbacks } = storesOf(target);
  const stored = [];
  for (const accountId of target.accountIds) {
    for await (const callback of callbacks.list(accountId)) stored.push(callback);
  }
  return stored.sort((a, b) => (a.receivedAt < b.receivedAt ? -1 : 1));
}
