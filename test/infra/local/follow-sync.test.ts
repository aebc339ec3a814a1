import { describe, expect, it } from 'vitest';
import { progressLine } from '../../../infra/local/display/progress-display.ts';
import { incompleteReasons } from '../../../infra/local/display/summary.ts';
import type { ScopeProgress } from '../../../infra/local/display/sync-view.ts';
import type { Wait } from '../../../infra/local/display/wait-text.ts';
import { wishesAtStart } from '../../../infra/local/first-sync.ts';
import { type FollowPorts, followSync } from '../../../infra/local/follow-sync.ts';
import type { Waiting } from '../../../shared/autodesk/connection/waiting.ts';
import { noTotals } from '../../../shared/sync/state/partition.ts';
import type { ActiveRun, FinishedRun } from '../../../shared/sync/state/run.ts';

const STARTED = '2026-11-22T10:00:00.000Z';
const PAUSE: Waiting = {
  api: 'buildingconnected',
  until: '1970-01-01T00:03:20.000Z',
  reason: 'rate-limit',
  isAsked: true,
};
const UNREACHABLE = { code: 'AUTODESK_UNAVAILABLE', message: 'Cannot reach Autodesk.', remedy: 'Wait.' };

function idle(resource: string, lastRun?: Partial<FinishedRun>): ScopeProgress {
  const finished: FinishedRun = {
    id: 'run-0',
    mode: 'full',
    status: 'complete',
    startedAt: '2026-11-21T10:00:00.000Z',
    finishedAt: '2026-11-21T10:01:00.000Z',
    totals: noTotals(),
  };
  return {
    state: { resource, scope: 'company', ...(lastRun && { lastRun: { ...finished, ...lastRun } }) },
  };
}

function active(resource: string, run: Partial<ActiveRun> = {}, mark = 'page 1'): ScopeProgress {
  const activeRun: ActiveRun = { id: 'run-1', mode: 'full', phase: 'read', startedAt: STARTED, ...run };
  const totals = { ...noTotals(), pages: 3, counts: { ...noTotals().counts, fetched: 250 } };
  return {
    state: { resource, scope: 'company', activeRun },
    active: { totals, parts: 4, partsDone: 1, mark },
  };
}

/** Follows what `at` says is going on at each second, on a clock that only sleeping moves. */
function follow(
  at: (second: number) => ScopeProgress[],
  ports: Partial<FollowPorts> = {},
  endsAtMs?: number,
) {
  let nowMs = 0;
  const end = followSync(
    {
      progress: async () => at(nowMs / 1_000),
      landings: async () => ({ isIdle: true, mark: '' }),
      waiting: async () => undefined,
      consentNeeded: async () => undefined,
      onProgress: () => {},
      clock: {
        now: () => nowMs,
        sleep: async (ms, signal) => {
          signal?.throwIfAborted();
          nowMs += ms;
        },
      },
      ...ports,
    },
    AbortSignal.timeout(20_000),
    endsAtMs,
  );
  return end.then((kind) => ({ ...kind, afterSeconds: nowMs / 1_000 }));
}

describe('following a sync', () => {
  it('ends once no run is active and none waits', async () => {
    const pending = { state: { ...idle('invites').state, pending: { mode: 'full' as const } } };
    const end = await follow((second) =>
      second < 2 ? [active('invites')] : second < 3 ? [pending] : [idle('invites')],
    );
    expect(end).toEqual({ kind: 'idle', afterSeconds: 3 });
  });

  it('gives up when nothing was stored for a minute and a half, and says why', async () => {
    const stalled = { since: STARTED, by: UNREACHABLE };
    expect(await follow(() => [active('invites', { stalled })])).toEqual({
      kind: 'unreachable',
      reason: 'Cannot reach Autodesk.',
      afterSeconds: 90,
    });
  });

  it('keeps on for as long as something is stored now and then', async () => {
    const end = await follow((second) =>
      second < 300 ? [active('invites', {}, `page ${Math.floor(second / 50)}`)] : [idle('invites')],
    );
    expect(end.kind).toBe('idle');
  });

  it('does not count the time in which Autodesk asked us to wait', async () => {
    let second = 0;
    const end = await follow(
      (now) => {
        second = now;
        return [active('invites')];
      },
      { waiting: async () => (second < 200 ? PAUSE : undefined) },
    );
    expect(end).toMatchObject({ kind: 'unreachable' });
    expect(end.afterSeconds).toBeGreaterThan(255);
  });

  it('counts the time in which Autodesk does not let us sign in', async () => {
    const waiting: Waiting = { ...PAUSE, api: 'authentication', reason: 'unavailable', isAsked: false };
    const end = await follow(() => [active('invites')], { waiting: async () => waiting });
    expect(end).toMatchObject({ kind: 'unreachable', afterSeconds: 90 });
  });

  it('says within five seconds that nothing arrives and when it gives up, and no longer once something does', async () => {
    const told: [second: number, wait: Wait | undefined][] = [];
    let now = 0;
    await follow(
      (second) => {
        now = second;
        return second < 20 ? [active('invites', {}, second < 10 ? 'page 1' : 'page 2')] : [idle('invites')];
      },
      {
        onProgress: (_progress, wait) => {
          if (wait?.for !== told.at(-1)?.[1]?.for) told.push([now, wait]);
        },
      },
    );
    expect(told.map(([second, wait]) => [second, wait?.for])).toEqual([
      [4, 'progress'],
      [10, undefined],
      [14, 'progress'],
    ]);
    expect(told[0]?.[1]).toEqual({ for: 'progress', givesUpAtMs: 90_000 });
  });

  it('ends when its time is over, whatever Autodesk has asked for, and says what it waited for', async () => {
    const end = await follow(() => [active('invites')], { waiting: async () => PAUSE }, 6_000);
    expect(end).toEqual({
      kind: 'out-of-time',
      wait: { for: 'autodesk', waiting: PAUSE },
      afterSeconds: 6,
    });
  });

  it('goes on where a list of parents has been read and the list that follows them has not', async () => {
    const parents = idle('opportunities', { finishedAt: '2026-11-22T10:00:05.000Z' });
    const before = idle('opportunity-comments', {});
    const after = idle('opportunity-comments', { startedAt: '2026-11-22T10:00:05.000Z' });
    const end = await follow((second) => [parents, second < 2 ? before : after]);
    expect(end).toEqual({ kind: 'idle', afterSeconds: 2 });
  });

  it('ends when its time is over though records arrive', async () => {
    const end = await follow((second) => [active('invites', {}, `page ${second}`)], {}, 30_000);
    expect(end).toEqual({ kind: 'out-of-time', wait: undefined, afterSeconds: 30 });
  });

  it('ends at once when a person has to sign in', async () => {
    const end = await follow(() => [active('invites')], { consentNeeded: async () => 'sign in' });
    expect(end).toEqual({ kind: 'needs-consent', reason: 'sign in', afterSeconds: 0 });
  });
});

describe('what a start asks for', () => {
  it('is every list, by changes or with --full whole', () => {
    const lists = [idle('invites'), idle('opportunity-project-pairs', {})];
    expect(
      wishesAtStart(lists, false, Date.parse(STARTED)).map(({ resource, mode }) => [resource, mode]),
    ).toEqual([
      ['invites', 'incremental'],
      ['opportunity-project-pairs', 'incremental'],
    ]);
    expect(wishesAtStart(lists, true, Date.parse(STARTED)).map(({ mode }) => mode)).toEqual(['full', 'full']);
  });

  it('is a list of parents, and the one that follows them only where nobody has asked for it', () => {
    const parents = idle('opportunities', { finishedAt: '2026-11-22T09:00:05.000Z' });
    const followed = idle('opportunity-comments', { startedAt: '2026-11-22T09:00:05.000Z' });
    const wishes = (list: ScopeProgress, full: boolean) =>
      wishesAtStart([parents, list], full, Date.parse(STARTED)).map(({ resource }) => resource);
    expect(wishes(followed, false)).toEqual(['opportunities']);
    expect(wishes(followed, true)).toEqual(['opportunities']);
    expect(wishes(idle('opportunity-comments', {}), false)).toEqual([
      'opportunities',
      'opportunity-comments',
    ]);
  });

  it('leaves a run that a dead process left to be resumed, and what was complete before it died', () => {
    const done = idle('opportunity-project-pairs', { finishedAt: '2026-11-22T10:00:05.000Z' });
    const older = idle('data-connector-jobs', {});
    const failed = idle('data-connector-requests', {
      status: 'failed',
      finishedAt: '2026-11-22T10:00:05.000Z',
    });
    const wishes = wishesAtStart([active('invites'), done, older, failed], false, Date.parse(STARTED));
    expect(wishes.map(({ resource }) => resource)).toEqual([
      'data-connector-jobs',
      'data-connector-requests',
    ]);
  });

  it('is a full run after an incremental one that is resumed, but not after a full one', () => {
    const lists = [active('invites', { mode: 'incremental' }), active('opportunity-project-pairs')];
    expect(wishesAtStart(lists, true, Date.parse(STARTED))).toEqual([
      { resource: 'invites', scope: 'company', mode: 'full' },
    ]);
  });
});

describe('what is told', () => {
  it('is one line of progress with pages, records, rate and what is left', () => {
    expect(progressLine([active('invites'), idle('opportunity-project-pairs')], 10_000)).toBe(
      '3 pages, 250 records, 25/s | reading invites 250, 1 of 4 parts done',
    );
    expect(progressLine([idle('invites', {})], 10_000)).toBeUndefined();
  });

  it('is a reason with its remedy for each list that is not complete', () => {
    const error = { code: 'FORBIDDEN', message: 'No access.', remedy: 'Ask for it.' };
    expect(
      incompleteReasons([idle('invites', {}), idle('jobs', { status: 'failed', error }), active('forms')]),
    ).toEqual(['jobs: No access. Ask for it.', 'forms: not finished']);
  });
});
