import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { LOCAL_TABLES } from '../../infra/local/engines/tables.ts';

/** Records written to their table, by whether the write had a condition. */
export interface RecordWrites {
  conditionalWrites: number;
  unconditionalWrites: number;
}

const single = z.object({ TableName: z.string(), ConditionExpression: z.string().optional() });
const batch = z.object({ RequestItems: z.record(z.string(), z.array(z.unknown())) });

/** Counts writes as they are sent. To be called before the client is used, which keeps its steps for each command. */
export function watchWrites(client: DynamoDBClient): RecordWrites {
  const writes = { conditionalWrites: 0, unconditionalWrites: 0 };
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      (args) => {
        if (commandName === 'BatchWriteItemCommand') {
          const { RequestItems } = batch.parse(args.input);
          writes.unconditionalWrites += RequestItems[LOCAL_TABLES.records]?.length ?? 0;
        } else if (/^(Put|Update|Delete)ItemCommand$/.test(commandName)) {
          const { TableName, ConditionExpression } = single.parse(args.input);
          const kind = ConditionExpression === undefined ? 'unconditionalWrites' : 'conditionalWrites';
          if (TableName === LOCAL_TABLES.records) writes[kind] += 1;
        }
        return next(args);
      },
    { step: 'initialize', name: 'watchWrites' },
  );
  return writes;
}
