import { Option } from '@commander-js/extra-typings';
import { readQueueStatus } from '../../../status/queue-status.ts';
import type { Target } from '../../targets/target.ts';
import { tableText } from '../../terminal/table-text.ts';
import { print, printJson, type Terminal, tell } from '../../terminal/terminal.ts';
import { type Ops, opsCommand, UsageError } from '../command.ts';
import { type DeadLetter, moveDeadLetters, readDeadLetters } from './dead-letters.ts';

const QUEUES = ['fetch', 'alert'] as const;
type QueueName = (typeof QUEUES)[number];

export function redrive(ops: Ops) {
  const { terminal } = ops;
  return opsCommand(
    'redrive',
    'move dead letters back to their queue, or list them with their reasons',
    'Fix the cause first; messages that fail again return to the dead letters.',
  )
    .addOption(new Option('--queue <queue>', 'only this queue (default: both)').choices(QUEUES))
    .option('--list', 'only list them')
    .option('--json', 'with --list: print JSON, with message bodies')
    .action(({ queue: only, list, json = false, ...places }) => {
      if (json && !list) throw new UsageError('--json requires --list.', 'redrive');
      const wanted = only === undefined ? QUEUES : [only];
      return ops.open(places)(async (target) => {
        if (list) return listDeadLetters(target, wanted, terminal, json);
        const status = await readQueueStatus(target.sqs, target.queues);
        for (const queue of wanted) {
          const { deadLetters } = status[queue];
          if (deadLetters === 0) {
            tell(terminal, `${queue}: no dead letters`);
            continue;
          }
          const { sqs, queues } = target;
          for (const line of reasonsOf(await readDeadLetters(sqs, queues[`${queue}DeadLetters`]))) {
            tell(terminal, `${queue}: ${line}`);
          }
          const moved = await moveDeadLetters(
            sqs,
            { from: queues[`${queue}DeadLetters`], to: queues[queue] },
            deadLetters,
          );
          tell(terminal, `${queue}: ${moved} dead ${moved === 1 ? 'letter' : 'letters'} moved back`);
        }
      });
    });
}

async function listDeadLetters(
  { sqs, queues }: Target,
  names: readonly QueueName[],
  terminal: Terminal,
  json: boolean,
): Promise<void> {
  const letters = [];
  for (const queue of names) {
    for (const letter of await readDeadLetters(sqs, queues[`${queue}DeadLetters`])) {
      letters.push({ queue, ...letter });
    }
  }
  if (json) return printJson(terminal, letters);
  if (letters.length === 0) return tell(terminal, 'No dead letters.');
  print(
    terminal,
    tableText([
      ['QUEUE', 'MESSAGE', 'SINCE', 'REASON'],
      ...letters.map(({ queue, messageId, at, reason }) => [queue, messageId, at, reason]),
    ]),
  );
}

/** Each reason once, with how many messages have it. */
function reasonsOf(letters: readonly DeadLetter[]): string[] {
  const counts = new Map<string, number>();
  for (const { reason } of letters) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts].map(([reason, count]) => `${count} because ${reason}`);
}
