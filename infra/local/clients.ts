import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { LOCAL_REGION } from './queues.ts';

/** Where the embedded engines listen. */
export interface EngineAddresses {
  dynamodb: string;
  /** SQS and SNS. */
  queues: string;
}

export interface LocalClients {
  dynamodb: DynamoDBClient;
  sqs: SQSClient;
  sns: SNSClient;
  /** Closes the connections. */
  destroy(): void;
}

/** AWS clients of the embedded engines. The credentials are words: the engines take any. */
export function createLocalClients(addresses: EngineAddresses): LocalClients {
  const common = { region: LOCAL_REGION, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
  const dynamodb = new DynamoDBClient({ ...common, endpoint: addresses.dynamodb });
  const sqs = new SQSClient({ ...common, endpoint: addresses.queues });
  const sns = new SNSClient({ ...common, endpoint: addresses.queues });
  return {
    dynamodb,
    sqs,
    sns,
    destroy() {
      dynamodb.destroy();
      sqs.destroy();
      sns.destroy();
    },
  };
}
