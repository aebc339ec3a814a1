import { CreateQueueCommand, GetQueueAttributesCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import type { SQSBatchResponse } from 'aws-lambda';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLocalClients, type LocalClients } from '../../../infra/local/engines/clients.ts';
import { type RunningFauxqs, startFauxqs } from '../../../infra/local/engines/fauxqs.ts';
import { queueArn, queueUrls } from '../../../infra/local/engines/queues.ts';
import {
  type EventSource,
  type EventSourceOptions,
  type QueueFunction,
  startEventSource,
} from '../../../infra/local/functions/event-source.ts';
import { systemClock } from '../../../shared/clock.ts';
import { silentLog } from '../../../shared/observability/log.ts';

const ALL_DONE: SQSBatchResponse = { batchItemFailures: [] };

let engine: RunningFauxqs;
let clients: LocalClients;
const sources: EventSource[] = [];

beforeEach(async () => {
  engine = await startFauxqs();
  clients = createLocalClients({ dynamodb: 'http://127.0.0.1:1', queues: engine.endpoint });
});
afterEach(async () => {
  await Promise.all(sources.splice(0).map((source) => source.stop()));
  clients.destroy();
  await engine.stop();
});

/** A queue whose failed messages are visible again at once, and go to the dead letters after two receives. */
async function impatientQueue(name: string): Promise<string> {
  await clients.sqs.send(
    new CreateQueueCommand({
      QueueName: name,
      Attributes: {
        VisibilityTimeout: '0',
        RedrivePolicy: JSON.stringify({
          deadLetterTargetArn: queueArn('fetch-dead-letters'),
          maxReceiveCount: 2,
        }),
      },
    }),
  );
  return `${engine.endpoint}/000000000000/${name}`;
}

function start(queueUrl: string, handler: QueueFunction, options: Partial<EventSourceOptions> = {}) {
  const source = startEventSource({
    sqs: clients.sqs,
    queueUrl,
    queueArn: queueArn(queueUrl.split('/').at(-1) ?? ''),
    functionName: 'worker',
    handler,
    batchSize: 1,
    concurrency: 1,
    timeoutMs: 10_000,
    clock: systemClock,
    log: silentLog,
    ...options,
  });
  sources.push(source);
  return source;
}

async function send(QueueUrl: string, MessageBody: string, group?: string) {
  await clients.sqs.send(
    new SendMessageCommand({
      QueueUrl,
      MessageBody,
      ...(group && { MessageGroupId: group, MessageDeduplicationId: MessageBody }),
    }),
  );
}

async function counts(QueueUrl: string): Promise<{ visible: number; hidden: number }> {
  const { Attributes } = await clients.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
  );
  return {
    visible: Number(Attributes?.ApproximateNumberOfMessages),
    hidden: Number(Attributes?.ApproximateNumberOfMessagesNotVisible),
  };
}

const until = (check: () => Promise<void> | void) => vi.waitFor(check, { timeout: 10_000, interval: 10 });

describe('the local event source', () => {
  it('hands a message to the function as Lambda does and deletes it when it is done', async () => {
    const { fetch } = queueUrls(engine.endpoint);
    const seen: unknown[] = [];
    start(fetch, async (event, context) => {
      seen.push({ record: event.Records[0], remaining: context.getRemainingTimeInMillis() });
      return ALL_DONE;
    });
    await send(fetch, 'hello');
    await until(async () => {
      expect(seen).toHaveLength(1);
      expect(await counts(fetch)).toEqual({ visible: 0, hidden: 0 });
    });
    expect(seen[0]).toMatchObject({
      record: {
        body: 'hello',
        eventSource: 'aws:sqs',
        eventSourceARN: queueArn('fetch'),
        attributes: { ApproximateReceiveCount: '1' },
      },
    });
  });

  it('deletes the messages that did not fail and gives back only the others', async () => {
    const queue = await impatientQueue('partial');
    await send(queue, 'good');
    await send(queue, 'bad');
    await send(queue, 'fine');
    const received: string[][] = [];
    let badIsRepaired = false;
    start(
      queue,
      async ({ Records }) => {
        received.push(Records.map((record) => record.body));
        const failed = Records.filter((record) => record.body === 'bad' && !badIsRepaired);
        badIsRepaired = true;
        return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
      },
      { batchSize: 10 },
    );
    await until(() => expect(received).toEqual([['good', 'bad', 'fine'], ['bad']]));
    await until(async () => expect(await counts(queue)).toEqual({ visible: 0, hidden: 0 }));
  });

  it.each([
    ['throws', async () => Promise.reject(new Error('broken'))],
    [
      'names a message that it was not given',
      async () => ({ batchItemFailures: [{ itemIdentifier: 'other' }] }),
    ],
    ['takes longer than it may', () => new Promise<never>(() => {})],
  ] as [string, QueueFunction][])(
    'moves a message to the dead letters when the function %s as often as the queue allows',
    async (_how, handler) => {
      const queue = await impatientQueue('failing');
      let invocations = 0;
      start(
        queue,
        (event, context) => {
          invocations += 1;
          return handler(event, context);
        },
        { timeoutMs: 50 },
      );
      await send(queue, 'poison');
      const { fetchDeadLetters } = queueUrls(engine.endpoint);
      await until(async () => expect((await counts(fetchDeadLetters)).visible).toBe(1));
      expect(invocations).toBe(2);
      expect(await counts(queue)).toEqual({ visible: 0, hidden: 0 });
    },
  );

  it('goes on with other messages while one fails', async () => {
    const queue = await impatientQueue('mixed');
    const done: string[] = [];
    start(queue, async ({ Records: [record] }) => {
      if (record?.body === 'poison') throw new Error('broken');
      done.push(record?.body ?? '');
      return ALL_DONE;
    });
    await send(queue, 'poison');
    await send(queue, 'one');
    await send(queue, 'two');
    await until(() => expect(done.sort()).toEqual(['one', 'two']));
  });

  it('runs as many invocations at a time as it may, and no more', async () => {
    const { fetch } = queueUrls(engine.endpoint);
    const waiting: (() => void)[] = [];
    let most = 0;
    const source = start(
      fetch,
      async () => {
        await new Promise<void>((resolve) => {
          waiting.push(resolve);
          most = Math.max(most, waiting.length);
        });
        return ALL_DONE;
      },
      { concurrency: 3 },
    );
    for (const body of ['1', '2', '3', '4', '5']) await send(fetch, body);
    await until(() => expect(waiting).toHaveLength(3));
    expect(source.active()).toBe(3);
    expect(await counts(fetch)).toEqual({ visible: 2, hidden: 3 });
    await until(async () => {
      for (const resolve of waiting.splice(0)) resolve();
      expect(await counts(fetch)).toEqual({ visible: 0, hidden: 0 });
    });
    expect(most).toBe(3);
  });

  it('keeps the order of a FIFO group', async () => {
    const { alert } = queueUrls(engine.endpoint);
    const seen: string[] = [];
    for (const body of ['1', '2', '3', '4', '5']) await send(alert, body, 'alerts');
    start(
      alert,
      async ({ Records }) => {
        seen.push(...Records.map((record) => record.body));
        return ALL_DONE;
      },
      { concurrency: 2, batchSize: 10 },
    );
    await until(() => expect(seen).toHaveLength(5));
    expect(seen).toEqual(['1', '2', '3', '4', '5']);
  });

  it('tells a running invocation to come to an end when it stops, and waits until its message is deleted', async () => {
    const { fetch } = queueUrls(engine.endpoint);
    let remainingMs = () => 0;
    let finish = () => {};
    const source = start(fetch, async (_event, context) => {
      remainingMs = () => context.getRemainingTimeInMillis();
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      return ALL_DONE;
    });
    await send(fetch, 'long');
    await until(() => expect(source.active()).toBe(1));
    expect(remainingMs()).toBeGreaterThan(5_000);
    const stopped = source.stop();
    expect(remainingMs()).toBeLessThanOrEqual(2_000);
    finish();
    await stopped;
    expect(await counts(fetch)).toEqual({ visible: 0, hidden: 0 });
  });

  it('takes no message any more once it has stopped', async () => {
    const { fetch } = queueUrls(engine.endpoint);
    let invocations = 0;
    const source = start(fetch, async () => {
      invocations += 1;
      return ALL_DONE;
    });
    await send(fetch, 'before');
    await until(() => expect(invocations).toBe(1));
    await source.stop();
    await send(fetch, 'after');
    const { visible, hidden } = await counts(fetch);
    expect(visible + hidden).toBe(1);
    expect(invocations).toBe(1);
  });
});
