import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SANDBOX_CLIENT, type Sandbox, startSandbox } from '../../infra/sandbox/sandbox.ts';
import { SCOPES } from '../../shared/autodesk/connection/credentials.ts';
import { GeneratedInvites } from './generated-invites.ts';
import type { Place } from './tasks.ts';

/**
 * The sandbox with one long list of invites, at a latency: more and more of them towards today, and one in twenty at
 * one moment, as a company has them after somebody has changed many at once.
 */
export async function startList(invites: number, latencyMs: number): Promise<Sandbox> {
  const sandbox = await startSandbox({
    seed: 'bench',
    latencyMs,
    scale: { projects: Math.ceil(invites / 5), pairs: 1, invites, forms: 1, requests: 1, jobs: 1 },
  });
  const times = new GeneratedInvites({ count: invites, order: 'scattered', shape: 'recent' });
  for (const [index, { id }] of sandbox.data.records('invites').entries()) {
    const { createdAt = null, updatedAt = null } = times.record(index % invites);
    sandbox.data.change('invites', String(id), { createdAt, updatedAt });
  }
  return sandbox;
}

/** Changes one invite in a hundred, now. */
export function changeSome({ data }: Sandbox): void {
  for (const { id } of data.records('invites').filter((_, index) => index % 100 === 0)) {
    data.change('invites', String(id), { state: 'BIDDING' });
  }
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
