import { type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { LOCAL_TABLES } from '../../infra/local/engines/tables.ts';
import { mapConcurrently } from '../../shared/concurrency.ts';
import { toAttributes } from '../../shared/records/attribute-value.ts';
import { GeneratedInvites } from './generated-invites.ts';

/** Enough for the code of the client and of the engine to be compiled. */
export const WARM_UP_PUTS = 2_000;
const ITEMS = 100;

/** A process and a database that have just begun are slow, and would otherwise be a part of what is measured. */
export async function warmUp(dynamodb: DynamoDBClient): Promise<void> {
  const invites = new GeneratedInvites({ count: ITEMS, order: 'scattered' });
  await mapConcurrently(
    Array.from({ length: WARM_UP_PUTS }, (_, index) => index),
    25,
    (index) => {
      const place = index % ITEMS;
      const Item = {
        pk: { S: 'warm-up' },
        sk: { S: String(place) },
        data: { M: toAttributes(invites.record(place)) },
      };
      // Always true, but parsed as the conditions of a mirror are.
      const ConditionExpression = 'attribute_not_exists(pk) OR attribute_exists(pk)';
      return dynamodb.send(new PutItemCommand({ TableName: LOCAL_TABLES.state, Item, ConditionExpression }));
    },
  );
}
