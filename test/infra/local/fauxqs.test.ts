import { DeleteMessageCommand, ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createLocalClients, type LocalClients } from '../../../infra/local/engines/clients.ts';
import { type RunningFauxqs, startFauxqs } from '../../../infra/local/engines/fauxqs.ts';
import { queueUrls } from '../../../infra/local/engines/queues.ts';

let engine: RunningFauxqs;
let clients: LocalClients;
let QueueUrl: string;
beforeEach(async () => {
  engine = await startFauxqs();
  clients = createLocalClients({ dynamodb: 'http://127.0.0.1:1', queues: engine.endpoint });
  QueueUrl = queueUrls(engine.endpoint).alert;
});
afterEach(async () => {
  clients.destroy();
  await engine.stop();
});

let sent = 0;

async function send(group: string, ...bodies: string[]) {
  for (const MessageBody of bodies) {
    sent += 1;
    const MessageDeduplicationId = String(sent);
    await clients.sqs.send(
      new SendMessageCommand({ QueueUrl, MessageBody, MessageGroupId: group, MessageDeduplicationId }),
    );
  }
}

async function receive(MaxNumberOfMessages = 10) {
  const { Messages = [] } = await clients.sqs.send(
    new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages }),
  );
  return Messages;
}

it('hands out the messages of a group together and in order, and no more of it until they are done', async () => {
  await send('a', '1', '2', '3', '4');
  const first = await receive(3);
  expect(first.map(({ Body }) => Body)).toEqual(['1', '2', '3']);
  expect(await receive()).toEqual([]);
  for (const { ReceiptHandle } of first.slice(1)) {
    await clients.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
  }
  expect(await receive()).toEqual([]);
  await clients.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: first[0]?.ReceiptHandle }));
  expect((await receive()).map(({ Body }) => Body)).toEqual(['4']);
});

it('keeps groups apart', async () => {
  await send('a', 'a1');
  expect(await receive()).toHaveLength(1);
  await send('a', 'a2');
  await send('b', 'b1', 'b2');
  expect((await receive()).map(({ Body }) => Body)).toEqual(['b1', 'b2']);
});
