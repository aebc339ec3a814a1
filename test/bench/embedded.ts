import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLocalClients } from '../../infra/local/engines/clients.ts';
import { startEngines } from '../../infra/local/engines/engines.ts';
import { createTables } from '../../infra/local/engines/tables.ts';
import { SANDBOX_CLIENT, type Sandbox, startSandbox } from '../../infra/sandbox/sandbox.ts';
import { SCOPES } from '../../shared/autodesk/connection/credentials.ts';
import type { Place } from './tasks.ts';

/** The invites of a project lie close together in time: the more a project has, the less evenly windows are cut. */
export const INVITES_A_PROJECT = 5;

/** The sandbox with one long list of invites, at a latency. */
export function startList(invites: number, latencyMs: number): Promise<Sandbox> {
  return startSandbox({
    seed: 'bench',
    latencyMs,
    scale: {
      projects: Math.ceil(invites / INVITES_A_PROJECT),
      pairs: 1,
      invites,
      forms: 1,
      requests: 1,
      jobs: 1,
    },
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

/**
 * Starts the engines on the folder for one task: a process that ended leaves a receive behind at the queue, which
 * would swallow the next message.
 */
export type MeasuredMirror = <Result>(use: (place: Place) => Promise<Result>) => Promise<Result>;
