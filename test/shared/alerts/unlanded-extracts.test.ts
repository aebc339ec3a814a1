import { beforeEach, describe, expect, it } from 'vitest';
import { evaluateAlerts } from '../../../shared/alerts/evaluate-alerts.ts';
import type { OpenLanding } from '../../../shared/extracts/landing/landing.ts';
import { ACCOUNT, AlertsWorld } from '../../support/alerts/alerts-world.ts';

let world: AlertsWorld;

beforeEach(() => {
  world = new AlertsWorld();
});

async function failed(attempts: number, message = 'There is no room left for extracts.'): Promise<void> {
  const [before] = await world.landings.open(ACCOUNT);
  const endedAt = '2026-11-22T00:00:00.000Z';
  const begun: OpenLanding = {
    ...{
      accountId: ACCOUNT,
      requestId: 'r1',
      jobId: 'j1',
      endedAt,
      dueAt: endedAt,
      attempts: 0,
      files: [],
      rev: 0,
    },
    ...before,
  };
  const error = { code: 'STORAGE_FULL', message, remedy: 'Free disk space.' };
  await world.landings.save({ ...begun, attempts, error });
}

/** What is told by an evaluation, of the rule concerned. */
async function toldNow(): Promise<string[]> {
  const before = world.slack.said().length;
  await evaluateAlerts([], world.ports);
  return world.slack
    .said()
    .slice(before)
    .filter((line) => line.startsWith('Extract'));
}

describe('an extract that cannot be landed', () => {
  it('is not told while it is tried again and again within two hours', async () => {
    for (const attempts of [1, 2, 3, 4]) {
      await failed(attempts);
      expect(await toldNow()).toEqual([]);
    }
  });

  it('is told once after five failures, and when it is over', async () => {
    await failed(5);
    expect(await toldNow()).toEqual(['Extract not landed | There is no room left for extracts.']);
    world.minutesPass(24 * 60);
    await failed(6);
    expect(await toldNow()).toEqual([]);

    const [landing] = await world.landings.open(ACCOUNT);
    if (landing === undefined) throw new Error('There is no landing.');
    const { rev, accountId, requestId, jobId, endedAt } = landing;
    const when = { at: endedAt, keptUntil: endedAt };
    await world.landings.end(
      { accountId, requestId, jobId, endedAt, ...when, outcome: 'landed', files: [], refused: [] },
      rev,
    );
    expect(await toldNow()).toEqual(['Extract landed']);
  });

  it('is told a second time five days before Autodesk deletes the files', async () => {
    await failed(5);
    await toldNow();
    world.minutesPass(24 * 24 * 60);
    expect(await toldNow()).toEqual([]);
    world.minutesPass(2 * 24 * 60);
    const [told] = await toldNow();
    expect(told).toContain('Autodesk deletes the files on 2026-12-22. There is no room left for extracts.');
    expect(await toldNow()).toEqual([]);
  });
});
