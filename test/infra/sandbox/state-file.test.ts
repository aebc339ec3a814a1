import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SANDBOX_RESOURCES } from '../../../infra/sandbox/data/bidding-data.ts';
import { SANDBOX_CLIENT, type Sandbox } from '../../../infra/sandbox/sandbox.ts';
import { ExactNumber } from '../../../shared/json.ts';
import { askForToken, BC, connect, get, idsOf } from './client.ts';
import { startForTest } from './sandboxes.ts';

let folder = '';
let stateFile = '';
const children: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sandbox-state-'));
  stateFile = join(folder, 'sandbox.json');
});

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

function contents({ data }: Sandbox) {
  const records = SANDBOX_RESOURCES.map((resource) => data.records(resource));
  const items = idsOf(data.records('scope-specific-bid-forms')).map((formId) =>
    data.elements('scope-specific-bid-form-line-items', formId),
  );
  return JSON.stringify([records, items]);
}

describe('a sandbox with a state file', () => {
  it('comes back with its company and every change to it', async () => {
    const first = await startForTest({ stateFile });
    for (let step = 0; step < 24; step++) await first.live.step();
    first.data.put('invites', { id: 'exact', value: new ExactNumber('1.00000000000000000001') });
    const form = String(first.data.records('scope-specific-bid-forms')[0]?.id);
    first.data.putElements('scope-specific-bid-form-line-items', form, [{ id: 'only' }]);
    await first.close();

    const second = await startForTest({ stateFile, seed: 'another', scale: { invites: 1 } });
    expect(contents(second)).toBe(contents(first));
    expect(second.live.steps).toBe(24);
  });

  it('comes back with its tokens', async () => {
    const first = await startForTest({ stateFile });
    const { accessToken, refreshToken } = await connect(first);
    await first.close();
    const second = await startForTest({ stateFile });
    expect((await get(second, accessToken, `${BC}/users/me`)).status).toBe(200);
    const form = { grant_type: 'refresh_token', refresh_token: refreshToken };
    expect((await askForToken(second, form)).status).toBe(200);
    expect((await askForToken(second, form)).json.error).toBe('invalid_grant');
  });

  it('lets nobody else read the file', async () => {
    await startForTest({ stateFile });
    expect(statSync(stateFile).mode & 0o777).toBe(0o600);
  });

  it('refuses a file that is none of its own', async () => {
    writeFileSync(stateFile, '{"version":2}');
    await expect(startForTest({ stateFile })).rejects.toThrow();
  });

  it('has a change in the file before anybody can read it', async () => {
    const sandbox = await startForTest({ stateFile });
    const { accessToken } = await connect(sandbox);
    sandbox.data.put('invites', { id: 'fresh' });
    await get(sandbox, accessToken, `${BC}/invites/fresh`);
    expect(readFileSync(stateFile, 'utf8')).toContain('"fresh"');
  });
});

describe('a sandbox that is killed', () => {
  /** A sandbox in a process of its own, changing all the time. */
  async function spawnSandbox(): Promise<{ origin: string; kill: () => Promise<void> }> {
    const script = `
      import { startSandbox } from ${JSON.stringify(join(import.meta.dirname, '../../../infra/sandbox/sandbox.ts'))};
      const sandbox = await startSandbox({ stateFile: ${JSON.stringify(stateFile)}, scale: { invites: 50, forms: 4 } });
      sandbox.live.start(1);
      console.log(sandbox.origin);
    `;
    const child = spawn(process.execPath, ['--throw-deprecation', '--input-type=module', '--eval', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    for await (const line of createInterface({ input: child.stdout })) {
      return {
        origin: line,
        kill: () => {
          child.kill('SIGKILL');
          return ended;
        },
      };
    }
    throw new Error('The sandbox did not start.');
  }

  it('still knows every token and every record that it gave out', async () => {
    const first = await startForTest({ stateFile, scale: { invites: 50, forms: 4 } });
    let refreshToken = first.authorization.issueRefreshToken(SANDBOX_CLIENT.clientId, ['data:read']);
    await first.close();

    for (let life = 0; life < 3; life++) {
      const { origin, kill } = await spawnSandbox();
      const seen = new Map<string, string>();
      for (let call = 0; call < 5; call++) {
        const token = await askForToken(
          { origin },
          { grant_type: 'refresh_token', refresh_token: refreshToken },
        );
        expect(token.status).toBe(200);
        refreshToken = String(token.json.refresh_token);
        const list = await get(
          { origin },
          String(token.json.access_token),
          `${BC}/opportunity-project-pairs`,
        );
        for (const pair of Array.isArray(list.json.results) ? list.json.results : []) {
          seen.set(String(Object(pair).id), String(Object(pair).updatedAt));
        }
      }
      await kill();
      const after = await startForTest({ stateFile });
      for (const [id, updatedAt] of seen) {
        expect(String(after.data.record('opportunity-project-pairs', id)?.updatedAt) >= updatedAt).toBe(true);
      }
      await after.close();
    }
  });
});
