import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockDataFolder } from '../../infra/local/data/data-folder.ts';
import { status } from '../../infra/status/status.ts';
import { START, startCommand } from '../support/processes/run-command.ts';

/** Two small resources of different APIs are enough here. */
const RESOURCES = 'opportunity-project-pairs,data-connector-jobs';

let dataDir: string;
const cleanup: (() => unknown)[] = [];
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'start-'));
});
afterEach(async () => {
  for (const clean of cleanup.splice(0)) await clean();
  await rm(dataDir, { recursive: true, force: true });
});

/** `npm start` as a process of its own, in a folder without `.env`. */
function start(args: readonly string[], environment: Record<string, string> = {}) {
  const command = startCommand(START, ['--data-dir', dataDir, ...args], {
    cwd: dataDir,
    env: { ENABLED_RESOURCES: RESOURCES, ...environment },
  });
  cleanup.push(() => command.child.kill('SIGKILL'));
  return command;
}

function readStatus(json: string) {
  return status.parse(JSON.parse(json));
}

// Processes that import everything take their time on a machine that is busy with other tests.
const PATIENCE = { timeout: 100_000 };

describe('npm start -- --once', PATIENCE, () => {
  it('mirrors the sandbox, tells the status as the only thing on stdout, and says nothing again', async () => {
    const first = await start(['--once', '--json']).ended;
    expect(first).toMatchObject({ code: 0 });
    const { resources, incidents, authorization } = readStatus(first.stdout);
    expect(resources.map(({ resource, lastRun }) => [resource, lastRun?.status, lastRun?.mode])).toEqual([
      ['opportunity-project-pairs', 'complete', 'full'],
      ['data-connector-jobs', 'complete', 'full'],
    ]);
    expect(resources.every(({ lastRun }) => (lastRun?.counts.created ?? 0) > 0)).toBe(true);
    expect(authorization.state).toBe('connected');
    expect(incidents.length).toBeGreaterThan(0);
    expect(incidents.every(({ notified }) => notified.email !== undefined)).toBe(true);
    const emails = await readdir(join(dataDir, 'sandbox', 'emails'));
    expect(emails.length).toBeGreaterThan(0);

    const second = await start(['--once']).ended;
    expect(second).toMatchObject({ code: 0 });
    expect(second.stdout).toMatch(/^incremental .*\n^opportunity-project-pairs /m);
    expect(second.stdout).toMatch(/file transfers? failed/);
    expect(await readdir(join(dataDir, 'sandbox', 'emails'))).toEqual(emails);
  });

  it('goes on at once with what a killed process had begun, and asks for no other run', async () => {
    const killed = start(['--once'], { AUTODESK_REQUESTS_PER_MINUTE: '1' });
    // With a token and a single request a minute, it cannot end before it is killed.
    await expect
      .poll(() => readdir(join(dataDir, 'sandbox', 'connection')).catch(() => []), { timeout: 60_000 })
      .toContain('generation-0000000001.json');
    killed.child.kill('SIGKILL');
    await killed.ended;
    const next = await start(['--once', '--json']).ended;
    expect(next).toMatchObject({ code: 0 });
    const { resources, queues } = readStatus(next.stdout);
    expect(resources.map(({ lastRun }) => [lastRun?.mode, lastRun?.status])).toEqual([
      ['full', 'complete'],
      ['full', 'complete'],
    ]);
    expect(queues.fetch.deadLetters).toBe(0);
  });
});

describe('npm start', PATIENCE, () => {
  it('listens on 127.0.0.1 only, prints the callback URL, and stops cleanly', async () => {
    const { child, output, ended } = start(['--port', '0']);
    await expect.poll(() => output.stdout, { timeout: 60_000 }).toContain('Callback URL');
    const [url = ''] = /http:\S+/.exec(output.stdout) ?? [];
    expect((await fetch(url, { method: 'GET' })).status).toBe(405);
    if (process.platform === 'linux') {
      const listeners = await listenersOf(child);
      expect(new Set(listeners.map(({ address }) => address))).toEqual(new Set(['127.0.0.1']));
      // The two engines, the sandbox with its Slack and its files of extracts, the callback endpoint and the console.
      expect(listeners).toHaveLength(7);
      expect(listeners.map(({ port }) => port)).toContain(Number(new URL(url).port));
    } else {
      console.warn('Where npm start listens is not looked at: only Linux tells it in /proc.');
    }

    const second = await start(['--once']).ended;
    expect(second).toMatchObject({ code: 1, stdout: '' });
    expect(second.stderr.trim().split('\n')).toHaveLength(1);
    expect(second.stderr).toContain(`process ${child.pid}`);

    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 0, signal: null });
    await (await lockDataFolder(dataDir)).release();
  });

  it('says in one line that its port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    cleanup.push(() => other.close());
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const { code, stderr } = await start(['--port', String(port)]).ended;
    expect(code).toBe(1);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toContain(`Port ${port}`);
  });

  it('says in one line each which settings are wrong', async () => {
    const { code, stdout, stderr } = await start(['--live', '--once'], { ALERT_EMAILS: 'nobody' }).ended;
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(
      stderr
        .trim()
        .split('\n')
        .map((line) => line.split(':')[0])
        .sort(),
    ).toEqual(['ALERT_EMAILS.0', 'AUTODESK_CLIENT_ID']);
  });

  it('ends at once where nobody has signed in', async () => {
    const live = { AUTODESK_CLIENT_ID: 'client', AUTODESK_BASE_URL: 'http://127.0.0.1:9' };
    const { code, stderr } = await start(['--live', '--once'], live).ended;
    expect(code).toBe(1);
    expect(stderr).toContain('npm run ops -- authorize');
  });
});

/** The sockets of a process that listen, from the kernel's own tables. */
async function listenersOf({ pid }: ChildProcess): Promise<{ address: string; port: number }[]> {
  const descriptors = await readdir(`/proc/${pid}/fd`);
  const targets = await Promise.all(
    descriptors.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')),
  );
  const inodes = new Set(targets.flatMap((target) => /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? []));
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map((table) => readFile(`/proc/${pid}/net/${table}`, 'utf8')),
  );
  const LISTENING = '0A';
  return tables
    .flatMap((table) => table.trim().split('\n').slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === LISTENING && inodes.has(fields[9] ?? ''))
    .map(([, local = '']) => {
      const [hex = '', port = ''] = local.split(':');
      const isIpV4 = hex.length === 8;
      const bytes = isIpV4 ? [...Buffer.from(hex, 'hex')].reverse() : [];
      return { address: isIpV4 ? bytes.join('.') : hex, port: Number.parseInt(port, 16) };
    });
}
