import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LINE_ITEMS } from '../support/sync/compare-with-sandbox.ts';
import { lastRunOf, type MirroredSandbox, mirrorSandbox } from './mirrored-sandbox.ts';

const FORMS = 'scope-specific-bid-forms';

const LISTS = [
  'opportunity-project-pairs',
  'invites',
  FORMS,
  'data-connector-requests',
  'data-connector-jobs',
];

let mirror: MirroredSandbox;
beforeAll(async () => {
  mirror = await mirrorSandbox(
    { scale: { pairs: 110, invites: 40, forms: 6, requests: 6, jobs: 6 } },
    { RESOURCES: LISTS.join(',') },
  );
  expect((await mirror.once()).code).toBe(0);
}, 120_000);
afterAll(() => mirror.close());

/** Each leaves the mirror as it found it: connected and equal to the sandbox. */
describe('npm start -- --live where Autodesk refuses or answers nonsense', { timeout: 180_000 }, () => {
  it('says which lists failed and why, completes the others, deletes nothing, and heals', async () => {
    const { faults } = mirror.sandbox;
    faults.add({ on: /\/invites/, fault: { kind: 'subscription-required' } });
    faults.add({ on: /\/scope-specific-bid-forms\?/, fault: { kind: 'html' } });
    faults.add({ on: /\/opportunity-project-pairs\?/, fault: { kind: 'repeated-cursor' } });
    const { code, stderr, status } = await mirror.once('--full');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^invites: The signed-in user has no subscription/m);
    expect(stderr).toMatch(/^scope-specific-bid-forms: Unexpected response from Autodesk/m);
    expect(stderr).toMatch(/^opportunity-project-pairs: The \S+ list returned the same cursor twice/m);
    expect(status.resources.map(({ resource, lastRun }) => [resource, lastRun?.error?.code])).toEqual([
      ['opportunity-project-pairs', 'REPEATED_CURSOR'],
      ['invites', 'SUBSCRIPTION_REQUIRED'],
      [FORMS, 'UNEXPECTED_ANSWER'],
      ['data-connector-requests', undefined],
      ['data-connector-jobs', undefined],
    ]);
    expect(status.resources.map(({ lastRun }) => lastRun?.counts.deleted)).toEqual(Array(5).fill(0));
    expect(await mirror.differences(...LISTS, LINE_ITEMS)).toEqual([]);

    faults.clear();
    const healed = await mirror.once();
    expect(healed.code, healed.stderr).toBe(0);
    expect(healed.status.resources.map(({ lastRun }) => lastRun?.status)).toEqual(Array(5).fill('complete'));
  });

  it('says in one line that somebody has to sign in, and goes on once somebody has', async () => {
    mirror.sandbox.authorization.revokeConsent();
    const startedMs = Date.now();
    const refused = await mirror.once();
    console.log(`without consent it ended after ${Date.now() - startedMs} ms`);
    expect(refused.code).toBe(1);
    expect(refused.status.authorization.state).toBe('needs-consent');
    expect(refused.stderr.match(/npm run ops -- authorize/g)).toHaveLength(1);
    expect(refused.status.resources.map(({ lastRun }) => lastRun?.status)).toEqual(Array(5).fill('paused'));

    mirror.signIn();
    const healed = await mirror.once();
    expect(healed.code, healed.stderr).toBe(0);
    expect(healed.status.authorization.state).toBe('connected');
    expect(mirror.sandbox.authorization.reusedRefreshTokens).toBeLessThanOrEqual(1);
  });
});

describe('npm start -- --live --once where the company has not bought everything', {
  timeout: 120_000,
}, () => {
  it('mirrors the rest, says what is missing and what to do, and has not failed', async () => {
    const company = await mirrorSandbox({
      scale: { pairs: 10, invites: 10, forms: 2, requests: 1, jobs: 1 },
    });
    try {
      const { faults } = company.sandbox;
      faults.add({ on: /\/v2\/opportunities/, fault: { kind: 'subscription-required' } });
      faults.add({ on: /\/v3\/projects/, fault: { kind: 'not-found' } });
      const { code, stderr, status } = await company.once();
      expect(code, stderr).toBe(0);
      expect(stderr).toMatch(
        /^opportunities is not available: .* no subscription .* leave it out of RESOURCES\.$/m,
      );
      expect(stderr).toMatch(/^projects is not available: .* leave it out of RESOURCES\.$/m);
      const failed = status.resources.filter(({ lastRun }) => lastRun?.status !== 'complete');
      expect(failed.map(({ resource }) => resource)).toEqual(['projects', 'opportunities']);
      expect(status.incidents.filter(({ rule }) => rule === 'stale')).toEqual([]);

      faults.clear();
      expect((await company.once()).code).toBe(0);
      expect(await company.differences()).toEqual([]);
      faults.add({ on: /\/v3\/projects/, fault: { kind: 'not-found' } });
      const lost = await company.once();
      expect([lost.code, lost.stderr]).toEqual([1, expect.stringMatching(/^projects: /m)]);
    } finally {
      await company.close();
    }
  });

  it('has failed where nothing at all can be read', async () => {
    const company = await mirrorSandbox({ scale: { pairs: 2, invites: 2, forms: 1, requests: 1, jobs: 1 } });
    try {
      company.sandbox.faults.add({
        on: /\/(construction|data-connector)\//,
        fault: { kind: 'subscription-required' },
      });
      const { code, stderr } = await company.once();
      expect([code, stderr]).toEqual([
        1,
        expect.stringMatching(/^opportunity-project-pairs: .* no subscription/m),
      ]);
    } finally {
      await company.close();
    }
  });
});

describe('npm start -- --live --full where records are gone', { timeout: 180_000 }, () => {
  it('marks them deleted, a form with its items, but stops before a mass deletion until an operator accepts it', async () => {
    const { data } = mirror.sandbox;
    const form = String(data.records(FORMS)[1]?.id);
    const items = data.elements('scope-specific-bid-form-line-items', form).map(({ id }) => id);
    expect(items.length).toBeGreaterThan(0);
    data.remove(FORMS, form);
    const invites = data.records('invites').map(({ id }) => String(id));
    const gone = invites.filter((_id, index) => index % 10 < 3);
    for (const id of gone) data.remove('invites', id);

    const stopped = await mirror.once('--full');
    expect(stopped.code).toBe(1);
    expect(lastRunOf(stopped.status, FORMS)).toMatchObject({ status: 'complete', counts: { deleted: 1 } });
    expect(await deletedIds(FORMS)).toEqual([form]);
    expect((await deletedIds(LINE_ITEMS)).sort()).toEqual(items.sort());
    expect(stopped.stderr).toMatch(/^invites: .*nothing was marked deleted/m);
    const { error, counts } = lastRunOf(stopped.status, 'invites');
    expect([error?.code, counts.deleted]).toEqual(['MASS_DELETION_STOPPED', 0]);
    expect(await mirror.exported('invites')).toHaveLength(invites.length);
    const incidents = stopped.status.incidents.filter(({ state }) => state === 'open');
    expect(incidents.filter(({ subject }) => subject.includes('invites'))).toHaveLength(1);

    const asked = await mirror.ops('sync', '--full', '--resource', 'invites', '--accept-deletions');
    expect(asked.code, asked.stderr).toBe(0);
    const accepted = await mirror.once();
    expect(accepted.code, accepted.stderr).toBe(0);
    expect(lastRunOf(accepted.status, 'invites').counts.deleted).toBe(gone.length);
    expect((await deletedIds('invites')).sort()).toEqual(gone.sort());
    expect(await mirror.differences(...LISTS, LINE_ITEMS)).toEqual([]);
    const left = accepted.status.incidents.filter(({ state }) => state === 'open');
    expect(left.filter(({ subject }) => subject.includes('invites'))).toEqual([]);
  });
});

async function deletedIds(resource: string) {
  const stored = await mirror.exported(resource, '--include-deleted');
  return stored.filter(({ deletedAt }) => deletedAt !== undefined).map(({ id }) => id);
}
