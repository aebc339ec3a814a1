import { replayCallback } from '../../../../shared/callbacks/confirm-callbacks.ts';
import { CommandFailedError } from '../../terminal/command-failed-error.ts';
import { tableText } from '../../terminal/table-text.ts';
import { print, printJson, tell } from '../../terminal/terminal.ts';
import { storesOf } from '../../workplace/stores.ts';
import type { Workplace } from '../../workplace/workplace.ts';
import { defineCommand, UsageError } from '../command.ts';

export const replay = defineCommand({
  name: 'replay',
  summary: 'confirm a stored callback with Autodesk once more, or list the stored ones',
  positionals: '[JOB-ID]',
  details: 'Without a job id the stored callbacks are listed. A replay that Autodesk confirms requests runs.',
  options: { json: { type: 'boolean', help: 'list as JSON' } },
  async run({ given, positionals, terminal, open }) {
    const [jobId, ...more] = positionals;
    if (more.length > 0) throw new UsageError('One job id at a time.', 'replay');
    await open(async (workplace) => {
      if (jobId !== undefined) {
        await replayJob(jobId, workplace);
        tell(terminal, `The callback of job ${jobId} is confirmed once more.`);
        return;
      }
      const callbacks = await storedCallbacks(workplace);
      if (given.json) return printJson(terminal, callbacks);
      if (callbacks.length === 0) return tell(terminal, 'No callback is stored.');
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
    });
  },
});

async function replayJob(jobId: string, workplace: Workplace): Promise<void> {
  const stores = storesOf(workplace);
  for (const accountId of workplace.accountIds) {
    if (await replayCallback(accountId, jobId, stores)) return;
  }
  throw new CommandFailedError(
    `No callback of job ${jobId} is stored.`,
    'List the stored ones with `npm run ops -- replay`.',
  );
}

async function storedCallbacks(workplace: Workplace) {
  const { callbacks } = storesOf(workplace);
  const stored = [];
  for (const accountId of workplace.accountIds) {
    for await (const callback of callbacks.list(accountId)) stored.push(callback);
  }
  return stored.sort((a, b) => (a.receivedAt < b.receivedAt ? -1 : 1));
}
