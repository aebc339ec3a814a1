import * as z from 'zod';
import type { ItemKey, Table } from '../dynamodb/table.ts';
import { CALLBACK_STATES, type CallbackStore } from './callback.ts';

/** Housekeeping on AWS only: nothing depends on a callback being gone. */
const KEPT_DAYS = 90;

const text = z.object({ S: z.string() }).transform((value) => value.S);
const callbackItem = z.object({
  accountId: text,
  jobId: text,
  requestId: text,
  body: text,
  receivedAt: text,
  state: text.pipe(z.enum(CALLBACK_STATES)),
  attempts: z.object({ N: z.string() }).transform((value) => Number(value.N)),
  dueAt: text,
});

/** Callbacks in the State table: `callback#<accountId>` / `<jobId>`. */
export function createDynamoDbCallbackStore(stateTable: Table): CallbackStore {
  return {
    async record(callback) {
      const expiresAt = Math.ceil(Date.parse(callback.receivedAt) / 1000) + KEPT_DAYS * 86_400;
      const key = keyOf(callback.accountId, callback.jobId);
      const written = await stateTable.put(
        {
          pk: { S: key.pk },
          sk: { S: key.sk },
          accountId: { S: callback.accountId },
          jobId: { S: callback.jobId },
          requestId: { S: callback.requestId },
          body: { S: callback.body },
          receivedAt: { S: callback.receivedAt },
          state: { S: 'received' },
          attempts: { N: '0' },
          dueAt: { S: callback.receivedAt },
          expiresAt: { N: String(expiresAt) },
        },
        { expression: 'attribute_not_exists(pk)' },
      );
      return written ? 'recorded' : 'duplicate';
    },

    async find(accountId, jobId) {
      const item = await stateTable.get(keyOf(accountId, jobId));
      return item && callbackItem.parse(item);
    },

    async *list(accountId, state) {
      const pages = stateTable.query({
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: {
          ':pk': { S: partitionOf(accountId) },
          ...(state && { ':state': { S: state } }),
        },
        ...(state && {
          FilterExpression: '#state = :state',
          ExpressionAttributeNames: { '#state': 'state' },
        }),
      });
      for await (const items of pages) {
        for (const item of items) yield callbackItem.parse(item);
      }
    },

    advance(callback, progress) {
      return stateTable.update(keyOf(callback.accountId, callback.jobId), {
        ConditionExpression: '#state = :oldState AND attempts = :oldAttempts AND dueAt = :oldDueAt',
        UpdateExpression: 'SET #state = :state, attempts = :attempts, dueAt = :dueAt',
        ExpressionAttributeNames: { '#state': 'state' },
        ExpressionAttributeValues: {
          ':oldState': { S: callback.state },
          ':oldAttempts': { N: String(callback.attempts) },
          ':oldDueAt': { S: callback.dueAt },
          ':state': { S: progress.state },
          ':attempts': { N: String(progress.attempts) },
          ':dueAt': { S: progress.dueAt },
        },
      });
    },
  };
}

function partitionOf(accountId: string): string {
  return `callback#${accountId}`;
}

function keyOf(accountId: string, jobId: string): ItemKey {
  return { pk: partitionOf(accountId), sk: jobId };
}
