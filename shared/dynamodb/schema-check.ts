import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { MiddlewareObj } from '@middy/core';
import { ensureSchemaVersion, refuseNewerSchema } from './schema-version.ts';

/**
 * Keeps a function from working on tables that a newer version wrote: looked at once in the life of a process, before
 * its first event. Throws `NewerSchemaError` for as long as that is so. `readOnly`: tables that it may not write to.
 */
export function checkSchema(
  client: DynamoDBClient,
  tableNames: readonly string[],
  readOnly: readonly string[] = [],
): MiddlewareObj {
  let checked: Promise<unknown> | undefined;
  return {
    async before() {
      checked ??= Promise.all([
        ...tableNames.map((name) => ensureSchemaVersion(client, name)),
        ...readOnly.map((name) => refuseNewerSchema(client, name)),
      ]);
      try {
        await checked;
      } catch (error) {
        checked = undefined;
        throw error;
      }
    },
  };
}
