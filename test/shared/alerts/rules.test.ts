import { beforeEach, describe, expect, it } from 'vitest';
import { evaluateAlerts } from '../../../shared/alerts/evaluate-alerts.ts';
import { listIncidents } from '../../../shared/alerts/operator.ts';
import { alertRulesText } from '../../../shared/alerts/rules/settings.ts';
import { ACCOUNT, AlertsWorld, JOBS, PAIRS } from '../../support/alerts/alerts-world.ts';

let world: AlertsWorld;

beforeEach(() => {
  world = new AlertsWorld();
});

/** The incidents that are not over, as rule and subject. */
async function evaluate(): Promise<string[]> {
  await evaluateAlerts([], world.ports);
  const incidents = await listIncidents(world.incidents, world.clock.now());
  return incidents
    .filter(({ state }) => state !== 'resolved')
    .map(({ finding: { rule, shownAs, subject } }) => `${rule} ${shownAs ?? subject}`)
    .sort();
}

async function sinceOfTheIncident() {
  return (await listIncidents(world.incidents, world.clock.now()))[0]?.finding.since;
}

describe('file-sync-failed', () => {
  it.each([
    ['fileStatus FAILED', { fileStatus: 'FAILED' }, true],
    ['an error although the status is fine', { fileSyncingError: 'copy failed' }, true],
    ['an error that is no text', { fileSyncingError: { code: 7 } }, true],
    ['an error of blanks', { fileSyncingError: '  ' }, true],
    ['an empty error', { fileSyncingError: '' }, false],
    ['no error', { fileSyncingError: null }, false],
  ])('with %s', async (_what, data, expected) => {
    world.storePair('p1', data);

    expect(await evaluate()).toEqual(expected ? ['file-sync-failed p1'] : []);
  });

  it('has lasted since updatedAt where it was never seen otherwise, else since it was seen', async () => {
    world.storePair('p1', { fileStatus: 'FAILED' }, '2026-11-01T00:00:00.000Z');
    await evaluate();
    expect(await sinceOfTheIncident()).toBe('2026-11-01T00:00:00.000Z');

    world.storePair('p1', {}, '2026-11-01T00:00:00.000Z');
    await evaluate();
    world.minutesPass(10);
    world.storePair('p1', { fileStatus: 'FAILED' }, '2026-11-01T00:00:00.000Z');
    await evaluate();
    expect(await sinceOfTheIncident()).toBe('2026-11-22T08:10:00.000Z');
  });
});

describe('file-sync-stuck', () => {
  it('counts from the first sight when updatedAt is later', async () => {
    world.storePair('p1', { fileStatus: 'QUEUED' }, '2026-11-22T08:00:00.000Z');
    expect(await evaluate()).toEqual([]);
    world.minutesPass(119);
    world.storePair('p1', { fileStatus: 'IN_PROGRESS' }, '2026-11-22T09:59:00.000Z');
    expect(await evaluate()).toEqual([]);
    world.minutesPass(1);

    expect(await evaluate()).toEqual(['file-sync-stuck p1']);
  });

  it('counts from updatedAt when that is earlier', async () => {
    world.storePair('p1', { fileStatus: 'IN_PROGRESS' }, '2026-11-22T05:59:00.000Z');

    expect(await evaluate()).toEqual(['file-sync-stuck p1']);
  });

  it('does not count an updatedAt from before the pair was seen in another state', async () => {
    world.storePair('p1', { fileStatus: 'FAILED' }, '2026-11-01T00:00:00.000Z');
    await evaluate();
    world.storePair('p1', { fileStatus: 'QUEUED' }, '2026-11-01T00:00:00.000Z');

    expect(await evaluate()).toEqual([]);
  });
});

it('relink-needed follows shouldRelinkGroup', async () => {
  world.storePair('p1', { shouldRelinkGroup: true });
  expect(await evaluate()).toEqual(['relink-needed p1']);
  world.storePair('p1', { shouldRelinkGroup: false });
  expect(await evaluate()).toEqual([]);
});

describe('job-failed', () => {
  const job = (requestId: string, completionStatus: string, completedAt: string) => ({
    requestId,
    completionStatus,
    completedAt,
  });

  it('is judged when a run has ended, by the last ended job of each request', async () => {
    world.storeJob('j1', job('r1', 'failed', '2026-11-21T01:00:00.000Z'));
    expect(await evaluate()).toEqual([]);

    world.storeJob('j2', job('r1', 'success', '2026-11-21T02:00:00.000Z'));
    world.storeJob('j3', job('r2', 'success', '2026-11-21T01:00:00.000Z'));
    world.storeJob('j4', job('r2', 'cancelled', '2026-11-21T02:00:00.000Z'));
    world.storeJob('j5', { ...job('r2', '', ''), status: 'running' });
    world.endRun(JOBS, ACCOUNT);
    expect(await evaluate()).toEqual(['job-failed r2/j4']);

    world.minutesPass(15);
    world.storeJob('j5', job('r2', 'success', '2026-11-22T08:10:00.000Z'));
    world.endRun(JOBS, ACCOUNT);
    expect(await evaluate()).toEqual([]);
  });

  it('is told anew when the next job of the request fails as well', async () => {
    world.storeJob('j1', job('r1', 'failed', '2026-11-21T01:00:00.000Z'));
    world.endRun(JOBS, ACCOUNT);
    await evaluate();
    world.minutesPass(15);
    world.storeJob('j2', job('r1', 'failed', '2026-11-22T08:10:00.000Z'));
    world.endRun(JOBS, ACCOUNT);

    expect(await evaluate()).toEqual(['job-failed r1/j2']);
    expect(world.slack.said()).toHaveLength(2);
  });

  it('is over a week after the job ended', async () => {
    world.storeJob('j1', job('r1', 'failed', '2026-11-15T09:00:00.000Z'));
    world.endRun(JOBS, ACCOUNT);
    expect(await evaluate()).toEqual(['job-failed r1/j1']);
    world.minutesPass(61);

    expect(await evaluate()).not.toContain('job-failed r1/j1');
  });

  it('reads the jobs once after each run, not at each evaluation', async () => {
    world.storeJob('j1', job('r1', 'failed', '2026-11-21T01:00:00.000Z'));
    world.endRun(JOBS, ACCOUNT);
    await evaluate();
    const reads = world.reads;
    await evaluate();

    expect(world.reads).toBe(reads);
  });
});

describe('stale', () => {
  it('waits for the sync that starts after a pause', async () => {
    world.endRun(PAIRS, 'company');
    world.minutesPass(3 * 24 * 60);
    await evaluate();
    world.setScope(PAIRS, 'company', {
      activeRun: { id: 'r2', mode: 'incremental', phase: 'read', startedAt: '2026-11-25T08:00:00.000Z' },
    });
    world.minutesPass(20);
    expect(await evaluate()).toEqual([]);
    world.endRun(PAIRS, 'company');
    await evaluate();

    expect(world.slack.sent).toEqual([]);
  });

  it('is told when the sync does not end', async () => {
    world.endRun(PAIRS, 'company');
    world.minutesPass(6 * 60);
    world.setScope(PAIRS, 'company', {
      activeRun: {
        id: 'r2',
        mode: 'incremental',
        phase: 'read',
        startedAt: '2026-11-22T09:00:00.000Z',
        stalled: {
          since: '2026-11-22T09:00:00.000Z',
          by: { code: 'X', message: 'Autodesk answered 503.', remedy: 'Wait.' },
        },
      },
    });
    await evaluate();
    world.minutesPass(10);

    expect(await evaluate()).toEqual([`stale ${PAIRS}/company`]);
    expect(world.slack.said()).toEqual(['Data out of date | Autodesk answered 503.']);
  });

  it('does not concern a list that has never been asked for', async () => {
    world.minutesPass(24 * 60);

    expect(await evaluate()).toEqual([]);
  });
});

it('mass-deletion-stopped lasts until a full run completes, whatever other runs do', async () => {
  const error = { code: 'MASS_DELETION_STOPPED', message: '40 % would go.', remedy: 'Look first.' };
  world.endRun(PAIRS, 'company', { mode: 'full', status: 'failed', error });
  expect(await evaluate()).toEqual([`mass-deletion-stopped ${PAIRS}/company`]);
  world.minutesPass(15);
  world.endRun(PAIRS, 'company');
  expect(await evaluate()).toEqual([`mass-deletion-stopped ${PAIRS}/company`]);
  world.minutesPass(15);
  world.endRun(PAIRS, 'company', { mode: 'full' });
  expect(await evaluate()).toEqual([]);
});

it('quarantine counts the line items of forms under their own list', async () => {
  const [forms, lineItems] = ['scope-specific-bid-forms', 'scope-specific-bid-form-line-items'];
  world.ports.lists = [{ resource: forms, scope: 'company' }];
  world.kept.push({
    resource: lineItems,
    scope: 'company',
    parentId: 'form-1',
    key: 'form-1.k1',
    reason: 'NO_ID',
    message: '',
    readAt: '',
    runId: '',
  });
  expect(await evaluate()).toEqual([`quarantine ${lineItems}/company`]);
});

it('quarantine counts the records of a list, and does not tell each more', async () => {
  const kept = {
    resource: PAIRS,
    scope: 'company',
    reason: 'NO_ID',
    message: '',
    readAt: '',
    runId: '',
  } as const;
  world.kept.push({ ...kept, key: 'k1' });
  expect(await evaluate()).toEqual([`quarantine ${PAIRS}/company`]);
  world.kept.push({ ...kept, key: 'k2' });
  await evaluate();
  expect(world.slack.sent).toHaveLength(1);
  world.kept.splice(0);
  expect(await evaluate()).toEqual([]);
});

describe('records with hostile content', () => {
  it.each(['x', '"', '漢', '\ud83d', '\u0000', 'e\u0301'])(
    'never outgrow an item of the table (%j)',
    async (part) => {
      for (let change = 0; change < 110; change += 1) {
        const text = `${change} ${part.repeat(3_000)}`;
        world.storePair('p1', {
          fileStatus: change % 2 === 0 ? text : 'FAILED',
          fileSyncingError: text,
          opportunityId: text,
          projectId: text,
          projectName: text,
          opportunityName: text,
        });
        await evaluate();
      }
      world.storeJob('j1', {
        completionStatus: part.repeat(20_000),
        requestId: part.repeat(20_000),
        projectId: part.repeat(20_000),
        completedAt: '2026-11-22T07:00:00.000Z',
      });
      world.endRun(JOBS, ACCOUNT);
      expect(await evaluate()).toContain('job-failed j1');

      const stored = [...(await world.incidents.live()), await world.fileStatuses.find('p1')];
      for (const item of stored) expect(Buffer.byteLength(JSON.stringify(item))).toBeLessThan(200_000);
    },
  );
});

describe('the setting ALERT_RULES', () => {
  it('has a default for everything', () => {
    expect(alertRulesText.parse(undefined)['file-sync-stuck'].afterMinutes).toBe(120);
    expect(alertRulesText.parse('{"stale":{"afterHours":1}}').stale).toMatchObject({
      afterHours: 1,
      enabled: true,
    });
  });

  it.each(['{', '[]', '{"file-sync-faild":{}}', '{"stale":{"afterHours":-1}}', '{"stale":{"after":1}}'])(
    'refuses %s',
    (text) => {
      expect(alertRulesText.safeParse(text).success).toBe(false);
    },
  );
});
