import { SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { AWS_CLIENT } from './stage.ts';

/** Somebody who subscribed to a topic: what reaches them, as text. */
export interface Inbox {
  /** Everything so far. */
  messages(): Promise<string[]>;
}

export async function subscribe(topicArn: string, name: string): Promise<Inbox> {
  const sqs = new SQSClient(AWS_CLIENT);
  const sns = new SNSClient(AWS_CLIENT);
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
  );
  await sns.send(
    new SubscribeCommand({
      TopicArn: topicArn,
      Protocol: 'sqs',
      Endpoint: Attributes?.QueueArn,
      Attributes: { RawMessageDelivery: 'true' },
    }),
  );
  const seen: string[] = [];
  return {
    async messages() {
      for (;;) {
        const { Messages = [] } = await sqs.send(
          new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 0 }),
        );
        if (Messages.length === 0) return [...seen];
        for (const { Body = '', ReceiptHandle } of Messages) {
          seen.push(Body);
          await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
        }
      }
    },
  };
}
