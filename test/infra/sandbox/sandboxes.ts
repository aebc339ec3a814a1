import { afterEach } from 'vitest';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../../infra/sandbox/sandbox.ts';
import { type Client, connect } from './client.ts';

/** A company that is quick to make. */
const SMALL = { projects: 4, pairs: 20, invites: 30, forms: 6, requests: 5, jobs: 6 };

const started: Sandbox[] = [];

afterEach(async () => {
  await Promise.all(started.splice(0).map((sandbox) => sandbox.close()));
});

/** A sandbox that ends with the test. */
export async function startForTest(options: SandboxOptions = {}): Promise<Sandbox> {
  const sandbox = await startSandbox({ ...options, scale: { ...SMALL, ...options.scale } });
  started.push(sandbox);
  return sandbox;
}

export async function startConnected(
  options?: SandboxOptions,
): Promise<{ sandbox: Sandbox; client: Client }> {
  const sandbox = await startForTest(options);
  return { sandbox, client: await connect(sandbox) };
}

/** A clock that stands still until it is moved; nothing in the sandbox that is tested with it sleeps. */
export function standingClock(nowMs = Date.parse('2026-11-20T10:00:00.000Z')) {
  return {
    nowMs,
    now() {
      return this.nowMs;
    },
    sleep(): Promise<void> {
      throw new Error('The standing clock does not sleep.');
    },
  };
}
