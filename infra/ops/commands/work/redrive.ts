import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { Option } from '@commander-js/extra-typings';
import { ALERT_GROUP } from '../../../../shared/queue/sqs-queues.ts';
import { systemRandomness } from '../../../../shared/randomness.ts';
import { readQueueStatus } from '../../../status/queue-status.ts';
import type { Target } from '../../targets/target.ts';
import { CommandFailedError } from '../../terminal/command-failed-error.ts';
import { tableText } from '../../terminal/table-text.ts';
import { print, printJson, type Terminal, tell } from '../../terminal/terminal.ts';
import { type Ops, opsCommand, UsageError } from '../command.ts';
import { type DeadLetter, readDeadLetters } from './dead-letters.ts';

const QUEUES = ['fetch', 'alert'] as const;
type QueueName = (typeof QUEUES)[number];

/** SQS takes a few messages a receive, and some stay unseen for a moment. */
const EMPTY_RECEIVES_AT_THE_END = 2;

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
          if (target.where.kind === 'aws') {
            await startMoving(target, queue);
            tell(terminal, `${queue}: about ${deadLetters} dead letters are being moved back`);
          } else {
            const moved = await moveByHand(target, queue);
            tell(terminal, `${queue}: ${moved} dead letters moved back`);
          }
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

async function startMoving({ sqs, queues }: Target, queue: QueueName): Promise<void> {
  const [source, destination] = await Promise.all([
    arnOf(sqs, queues[`${queue}DeadLetters`]),
    arnOf(sqs, queues[queue]),
  ]);
  // Parked messages were sent to the dead letters by the functions, so SQS knows no queue they came from.
  await sqs.send(new StartMessageMoveTaskCommand({ SourceArn: source, DestinationArn: destination }));
}

async function arnOf(sqs: SQSClient, queueUrl: string): Promise<string> {
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['QueueArn'] }),
  );
  const arn = Attributes?.QueueArn;
  if (arn !== undefined) return arn;
  throw new CommandFailedError(
    `Cannot get the ARN of the queue ${queueUrl}.`,
    'Check your permissions for it.',
  );
}

/** The embedded engine knows no move tasks. A message is deleted only after it was sent, so it may come twice. */
async function moveByHand({ sqs, queues }: Target, queue: QueueName): Promise<number> {
  const source = queues[`${queue}DeadLetters`];
  const destination = queues[queue];
  let moved = 0;
  let emptyReceives = 0;
  while (emptyReceives < EMPTY_RECEIVES_AT_THE_END) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: source, MaxNumberOfMessages: 10, WaitTimeSeconds: 0 }),
    );
    emptyReceives = Messages.length === 0 ? emptyReceives + 1 : 0;
    for (const message of Messages) {
      await moveOne(sqs, source, destination, message);
      moved += 1;
    }
  }
  return moved;
}

async function moveOne(sqs: SQSClient, source: string, destination: string, message: Message): Promise<void> {
  await sqs.send(
    new SendMessageCommand({
      QueueUrl: destination,
      MessageBody: message.Body,
      ...(destination.endsWith('.fifo') && {
        MessageGroupId: ALERT_GROUP,
        MessageDeduplicationId: systemRandomness.hex(16),
      }),
    }),
  );
  await sqs.send(new DeleteMessageCommand({ QueueUrl: source, ReceiptHandle: message.ReceiptHandle }));
}
