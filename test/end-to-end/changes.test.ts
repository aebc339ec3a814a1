import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SANDBOX_RESOURCES } from '../../infra/sandbox/data/bidding-data.ts';
import { findResource } from '../../shared/resources/registry.ts';
import { lastRunOf, type MirroredSandbox, mirrorSandbox } from './mirrored-sandbox.ts';

/** A percent of the large lists, one record at least. Lists that are read once a day are not looked at again. */
const CHANGED = new Map<string, number>([
  ['opportunity-project-pairs', 2],
  ['projects', 1],
  ['opportunities', 2],
  ['bid-packages', 1],
  ['project-team-members', 1],
  ['invites', 6],
  ['scope-specific-bid-forms', 1],
  ['bids', 2],
  ['project-bid-forms', 1],
  ['data-connector-requests', 1],
  ['data-connector-jobs', 0],
]);
/** A field that no record had before. */
const EDIT = { editedByTest: true };

let mirror: MirroredSandbox;
beforeAll(async () => {
  mirror = await mirrorSandbox({ scale: { pairs: 150, invites: 600, forms: 60 } });
  expect((await mirror.once()).code).toBe(0);
}, 120_000);
afterAll(() => mirror.close());

describe('npm start -- --live, a second time', { timeout: 120_000 }, () => {
  it('reads and writes what has changed, and hardly more', async () => {
    const { data, journal } = mirror.sandbox;
    for (const resource of SANDBOX_RESOURCES) {
      const changed = data.records(resource).slice(0, CHANGED.get(resource) ?? 0);
      for (const { id } of changed) data.change(resource, String(id), EDIT);
    }
    const parentId = String(data.records('scope-specific-bid-forms')[0]?.id);
    const [edited, _removed, ...others] = data.elements('scope-specific-bid-form-line-items', parentId);
    data.putElements('scope-specific-bid-form-line-items', parentId, [
      ...others,
      { ...edited, description: 'Edited and moved to the end' },
    ]);
    const before = journal.count();

    const { code, stderr, status } = await mirror.once();
    expect(code, stderr).toBe(0);
    const daily = status.resources.filter(({ resource }) => findResource(resource)?.daily);
    expect(daily.map(({ lastRun }) => lastRun?.mode)).toEqual(daily.map(() => 'full'));
    for (const { resource, lastRun } of status.resources.filter((list) => !daily.includes(list))) {
      expect(lastRun).toMatchObject({ mode: 'incremental', status: 'complete' });
      const { created = 0, updated = 0 } = lastRun?.counts ?? {};
      expect([resource, created + updated]).toEqual([resource, CHANGED.get(resource)]);
      // What changed in the overlap of the windows fills less than a page.
      const calls = journal
        .entries()
        .slice(before)
        .filter(({ path }) => path.endsWith(`/${resource.replace('data-connector-', '')}`));
      expect([resource, calls.length <= 1 + 2]).toEqual([resource, true]);
    }
    expect(await mirror.differences()).toEqual([]);
  });

  it('sweeps what has not changed for at most a tenth of a write unit a record', async () => {
    const { code, stderr, status } = await mirror.once('--full');
    expect(code, stderr).toBe(0);
    for (const { resource, lastRun } of status.resources) {
      expect(lastRun).toMatchObject({ mode: 'full', status: 'complete' });
      const { fetched = 0, unchanged = 0 } = lastRun?.counts ?? {};
      expect([resource, unchanged]).toEqual([resource, fetched]);
      console.log(`${resource}: ${fetched} records unchanged, ${lastRun?.writeUnits} write units`);
    }
    const { counts, writeUnits } = lastRunOf(status, 'invites');
    expect(writeUnits / counts.fetched).toBeLessThanOrEqual(0.1);
  });
});
