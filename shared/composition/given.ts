import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { Clock } from '../clock.ts';
import type { Log } from '../observability/log.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { Randomness } from '../randomness.ts';

/** What nearly every part is given. */
export interface Basics {
  clock: Clock;
  randomness: Randomness;
  log: Log;
  metrics: Metrics;
}

/** Where the state table is. */
export interface StateAccess {
  dynamodb: DynamoDBClient;
  tables: { state: string };
  clock: Clock;
}

/** Where the records table is. */
export interface RecordsAccess {
  dynamodb: DynamoDBClient;
  tables: { records: string };
  clock: Clock;
  /** For so many days replaced versions are kept; who only reads need not know. */
  historyDays?: number;
}

/** Where the queues are that start work: their addresses. */
export interface QueueAccess {
  sqs: SQSClient;
  queues: { fetch: string; urgent: string; alert: string };
}
