import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

/** A data folder for the tasks of one mirror, each of which starts the engines in it. */
export async function withDataFolder<Result>(
  sandbox: Sandbox,
  work: (place: Place) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'buildingconnected-bench-'));
  const refreshToken = sandbox.authorization.issueRefreshToken(SANDBOX_CLIENT.clientId, [...SCOPES]);
  const { origin: autodesk, accountIds } = sandbox;
  try {
    return await work({ folder, autodesk, refreshToken, accountIds });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
