import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AUTODESK_ORIGIN } from '../../shared/autodesk/http/origin.ts';
import { checkOutEarlierVersion } from '../support/processes/earlier-version.ts';
import { exportedLines, LINE_ITEMS } from '../support/sync/compare-with-sandbox.ts';
import { synthesizeStages } from './assembly.ts';
import { type Company, startCompany } from './company.ts';
import { allComplete, DeployedStage } from './stage.ts';

/** What the earlier version mirrors. */
const ITS_LISTS = [
  'opportunity-project-pairs',
  'invites',
  'scope-specific-bid-forms',
  LINE_ITEMS,
  'data-connector-requests',
  'data-connector-jobs',
];

const PATIENCE = 240_000;
const SOON = { timeout: 90_000, interval: 500 };

let folder: string;
let company: Company;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'upgrade-'));
  company = await startCompany({
    scale: { projects: 4, pairs: 8, invites: 150, forms: 6, requests: 4, jobs: 6 },
  });
});

afterAll(async () => {
  await company?.close();
  await rm(folder, { recursive: true, force: true });
});

async function workFolder(name: string): Promise<string> {
  const made = join(folder, name);
  await mkdir(made);
  return made;
}

describe('an upgrade of a stage in use', { timeout: PATIENCE }, () => {
  it('loses no record, replaces no table, and goes on where the earlier version stopped', async () => {
    const { origin, accountIds, data } = company.sandbox;
    const settings = { accountIds, worker: { concurrency: 3 } };
    const earlier = await checkOutEarlierVersion();
    const before = await synthesizeStages({
      workFolder: await workFolder('earlier'),
      repository: earlier,
      stages: { grown: settings },
      // That version has no setting for it.
      replaced: { [AUTODESK_ORIGIN]: origin },
    });
    const stage = new DeployedStage({ name: 'grown', company, workFolder: folder });
    await stage.deploy(before.folder, earlier);
    await stage.configure({ slack: false });
    expect(await stage.authorize()).toMatchObject({ code: 0 });
    await stage.run('sync');
    await expect.poll(async () => (await stage.statusText()).includes('"running"'), SOON).toBe(false);
    await expect.poll(() => stage.differences(...ITS_LISTS), SOON).toEqual([]);
    const exports = await exported(stage);
    const { EnabledResources: _lists, ...places } = await stage.outputsText();

    const now = await synthesizeStages({
      workFolder: await workFolder('now'),
      stages: { grown: { ...settings, autodesk: { baseUrl: origin } } },
    });
    await stage.deploy(now.folder);

    expect(await stage.outputsText()).toMatchObject(places);
    expect(await exported(stage)).toEqual(exports);

    const [changed, gone] = data.records('invites').map(({ id }) => String(id));
    data.change('invites', changed ?? '', { note: 'changed after the upgrade' });
    data.remove('invites', gone ?? '');
    await stage.run('sync', '--full');
    await expect.poll(async () => allComplete(await stage.status()), SOON).toBe(true);
    await expect.poll(() => stage.differences(), SOON).toEqual([]);
    const { lastRun } = (await stage.status()).resources.find(({ resource }) => resource === 'invites') ?? {};
    expect(lastRun?.counts).toMatchObject({ created: 0, updated: 1, deleted: 1 });
  });
});

/** What the lists of the earlier version export, sorted: the order within a list is no promise. It had no `parentId`. */
async function exported(stage: DeployedStage): Promise<string[][]> {
  const lists = [];
  for (const list of ITS_LISTS) {
    const lines = exportedLines(await stage.run('export', '--resource', list));
    lists.push(lines.map(({ parentId: _new, ...line }) => JSON.stringify(line)).sort());
  }
  return lists;
}
