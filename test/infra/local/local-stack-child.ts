import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { lockDataFolder } from '../../../infra/local/data/data-folder.ts';
import { startLocalStack } from '../../../infra/local/engines/local-stack.ts';
import { queueUrls } from '../../../infra/local/engines/queues.ts';

// A process that works on the data folder given as its argument until it is killed.
const dataFolder = await lockDataFolder(process.argv[2] ?? '');
const stack = await startLocalStack(dataFolder, 'sandbox');
await stack.clients.dynamodb.send(
  new PutItemCommand({
    TableName: 'State',
    Item: { pk: { S: 'a' }, sk: { S: 'b' }, text: { S: 'kept' } },
  }),
);
const QueueUrl = queueUrls(stack.addresses.queues).fetch;
await stack.clients.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'in hand' }));
await stack.clients.sqs.send(new ReceiveMessageCommand({ QueueUrl }));
await dataFolder.announce({
  pid: process.pid,
  kind: 'start',
  origin: 'sandbox',
  addresses: stack.addresses,
});
process.stdout.write('ready\n');
