import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  type DocumentedServer,
  settingsFor,
  startDocumentedServer,
} from '../support/autodesk/documented-server.ts';
import { OPS, REPOSITORY, START, startCommand } from '../support/processes/run-command.ts';
import { exportedLines } from '../support/sync/compare-with-sandbox.ts';

const ROWS = [
  { id: 'a', officeId: 'o1', createdAt: '2026-01-05T00:00:00.000Z' },
  { id: 'b', officeId: 'o1', createdAt: '2026-02-05T00:00:00.000Z', addedLater: [1, null] },
];

let server: DocumentedServer;
let folder: string;

beforeAll(async () => {
  server = await startDocumentedServer();
  folder = mkdtempSync(join(tmpdir(), 'new-list-'));
  for (const part of ['shared', 'functions', 'infra', 'package.json']) {
    cpSync(join(REPOSITORY, part), join(folder, part), { recursive: true });
  }
  symlinkSync(join(REPOSITORY, 'node_modules'), join(folder, 'node_modules'));
});

afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

it('the entry that CONTRIBUTING.md shows is all that a new list takes', { timeout: 120_000 }, async () => {
  const entry =
    /An entry is all.*?```ts\n(.*?)```/s.exec(
      readFileSync(join(REPOSITORY, 'CONTRIBUTING.md'), 'utf8'),
    )?.[1] ?? '';
  expect(entry.trim().split('\n').length).toBeLessThanOrEqual(15);
  const resources = join(folder, 'shared/resources');
  writeFileSync(join(resources, 'preferred-contacts.ts'), entry);
  const registry = readFileSync(join(resources, 'registry.ts'), 'utf8');
  writeFileSync(
    join(resources, 'registry.ts'),
    `import { preferredContacts } from './preferred-contacts.ts';\n${registry.replace(
      'RESOURCES: readonly Resource[] = [',
      'RESOURCES: readonly Resource[] = [preferredContacts,',
    )}`,
  );
  server.others.set('preferred-contacts', ROWS);
  const place = { cwd: folder, repository: folder };
  const dataDir = ['--data-dir', join(folder, 'data')];

  const start = await startCommand(START, ['--live', '--once', ...dataDir], {
    ...place,
    env: { ...settingsFor(server), RESOURCES: 'preferred-contacts' },
  }).ended;
  expect(start.code, start.stderr).toBe(0);

  const { stdout } = await startCommand(OPS, ['export', '--resource', 'preferred-contacts', ...dataDir], {
    ...place,
    env: {},
  }).ended;
  expect(exportedLines(stdout).map(({ data }) => data)).toEqual(expect.arrayContaining(ROWS));
});
