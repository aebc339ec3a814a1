import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { createLocalClients } from '../../infra/local/clients.ts';
import { startEngines } from '../../infra/local/engines.ts';
import { SANDBOX_CLIENT, type Sandbox, startSandbox } from '../../infra/local/sandbox/sandbox.ts';
import { createTables, LOCAL_TABLES } from '../../infra/local/tables.ts';
import { SCOPES } from '../../shared/autodesk/credentials.ts';
import { mapConcurrently } from '../../shared/concurrency.ts';
import { toAttributes } from '../../shared/records/attribute-value.ts';
import { GeneratedInvites } from './generated-invites.ts';
import type { Place } from './tasks.ts';

/** The sandbox with one long list of invites, at a latency. */
export function startList(invites: number, latencyMs: number): Promise<Sandbox> {
  return startSandbox({
    seed: 'bench',
    latencyMs,
    scale: { projects: Math.ceil(invites / 25), pairs: 1, invites, forms: 1, requests: 1, jobs: 1 },
  });
}

/** A data folder with empty tables, for the tasks of one mirror. */
export async function withDataFolder<Result>(
  sandbox: Sandbox,
  work: (mirror: MeasuredMirror) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'buildingconnected-bench-'));
  const refreshToken = sandbox.authorization.issueRefreshToken(SANDBOX_CLIENT.clientId, [...SCOPES]);
  try {
    return await work(async (use) => {
      const engines = await startEngines(folder);
      const clients = createLocalClients(engines.addresses);
      try {
        await createTables(clients.dynamodb);
        await warmUp(clients.dynamodb);
        const { origin: autodesk, accountIds } = sandbox;
        return await use({ ...engines.addresses, folder, autodesk, refreshToken, accountIds });
      } finally {
        clients.destroy();
        await engines.stop();
      }
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Enough for the engine's code to be compiled. */
const WARM_UP_PUTS = 2_000;
const WARM_UP_ITEMS = 100;

/** A database that has just begun is slow, and would otherwise be a part of what is measured. */
async function warmUp(dynamodb: DynamoDBClient): Promise<void> {
  const invites = new GeneratedInvites({ count: WARM_UP_ITEMS, order: 'scattered' });
  await mapConcurrently(
    Array.from({ length: WARM_UP_PUTS }, (_, index) => index),
    25,
    (index) => {
      const place = index % WARM_UP_ITEMS;
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

/**
 * Starts the engines on the folder for one task: a process that ended leaves a receive behind at the queue, which
 * would swallow the next message.
 */
export type MeasuredMirror = <Result>(use: (place: Place) => Promise<Result>) => Promise<Result>;
