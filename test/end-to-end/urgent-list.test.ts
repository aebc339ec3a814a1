import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { status } from '../../infra/status/status.ts';
import {
  type DocumentedServer,
  settingsFor,
  startDocumentedServer,
} from '../support/autodesk/documented-server.ts';
import { OPS, START, startCommand } from '../support/processes/run-command.ts';

const PAIRS = 'opportunity-project-pairs';

let server: DocumentedServer;
let dataDir: string;

beforeAll(async () => {
  server = await startDocumentedServer();
  dataDir = mkdtempSync(join(tmpdir(), 'urgent-'));
});
afterAll(async () => {
  await server.close();
  rmSync(dataDir, { recursive: true, force: true });
});

it('pairs are read while every worker is held up by other lists', { timeout: 120_000 }, async () => {
  server.intercept = (path) => path.endsWith('/invites') || path.endsWith('/projects');
  const running = startCommand(START, ['--live', '--port', '0', '--data-dir', dataDir], {
    cwd: dataDir,
    env: {
      ...settingsFor(server),
      RESOURCES: `projects,invites,${PAIRS}`,
      WORKER_CONCURRENCY: '1',
    },
  });
  try {
    // Whoever comes first has the folder.
    await vi.waitFor(() => expect(running.output.stderr).toContain('Mirroring'), { timeout: 20_000 });
    const first = await pairsRunAfter(undefined);
    const asked = await startCommand(OPS, ['sync', '--resource', PAIRS, '--data-dir', dataDir], {
      cwd: dataDir,
      env: {},
    }).ended;
    expect(asked.code, asked.stderr).toBe(0);
    const second = await pairsRunAfter(first);
    expect(second).not.toBe(first);
  } finally {
    running.child.kill('SIGINT');
    await running.ended;
  }
});

/** The id of a complete run of pairs that is another one than that before; it should not take long. */
async function pairsRunAfter(before: string | undefined): Promise<string> {
  return vi.waitFor(
    async () => {
      const { stdout } = await startCommand(OPS, ['status', '--json', '--data-dir', dataDir], {
        cwd: dataDir,
        env: {},
      }).ended;
      const { resources } = status.parse(JSON.parse(stdout));
      const run = resources.find(({ resource }) => resource === PAIRS)?.lastRun;
      if (run?.status !== 'complete' || run.id === before) throw new Error('There is no such run yet.');
      return run.id;
    },
    { timeout: 25_000, interval: 250 },
  );
}
