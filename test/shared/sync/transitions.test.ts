import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RepeatedCursorError } from '../../../shared/autodesk/http/errors.ts';
import { hashIds, SeenIds } from '../../../shared/sync/deletions/seen-ids.ts';
import { windowsOf } from '../../../shared/sync/partitions/split.ts';
import { watchCursor } from '../../../shared/sync/reading/loop-detector.ts';
import { isTakeable, releaseLease, renewLease, takeLease } from '../../../shared/sync/state/lease.ts';
import { type Checkpoint, LEASE_MS, noTotals, type Partition } from '../../../shared/sync/state/partition.ts';
import type { PendingRun, ScopeState } from '../../../shared/sync/state/run.ts';
import { afterEnd, afterRequest, before, mergeWishes } from '../../../shared/sync/state/run-transitions.ts';

const moment = fc
  .integer({ min: Date.UTC(2020, 0), max: Date.UTC(2030, 0) })
  .map((ms) => new Date(ms).toISOString());
const anyWish: fc.Arbitrary<PendingRun> = fc
  .record({
    mode: fc.constantFrom('full' as const, 'incremental' as const),
    since: fc.option(moment),
    unfiltered: fc.boolean(),
    acceptDeletions: fc.boolean(),
  })
  .map(({ mode, since, unfiltered, acceptDeletions }) => ({
    mode,
    ...(since !== null && { since }),
    ...(unfiltered && { unfiltered }),
    ...(acceptDeletions && { acceptDeletions }),
  }));

const newRun = { id: 'new', startedAt: '2026-11-01T00:00:00.000Z', overlapMs: 60_000 };
const MARK = '2026-10-31T23:59:00.000Z';
const empty: ScopeState = { resource: 'invites', scope: 'company' };

describe('wishes', () => {
  it('merge the same in any order and however often', () => {
    fc.assert(
      fc.property(anyWish, anyWish, anyWish, (a, b, c) => {
        expect(mergeWishes(a, b)).toEqual(mergeWishes(b, a));
        expect(mergeWishes(mergeWishes(a, b), c)).toEqual(mergeWishes(a, mergeWishes(b, c)));
        expect(mergeWishes(a, a)).toEqual(a);
      }),
    );
  });

  it('lose nothing: full is stronger, and so is the earlier moment', () => {
    fc.assert(
      fc.property(anyWish, anyWish, (a, b) => {
        const merged = mergeWishes(a, b);
        expect(merged.mode === 'full').toBe(a.mode === 'full' || b.mode === 'full');
        for (const { since } of [a, b])
          if (since !== undefined) expect((merged.since ?? '') <= since).toBe(true);
      }),
    );
  });

  it('start at most one run, and leave at most one waiting', () => {
    fc.assert(
      fc.property(fc.array(anyWish, { minLength: 1 }), (wishes) => {
        const state = wishes.reduce((current, request) => afterRequest(current, request, newRun), empty);
        expect(state.activeRun).toMatchObject({ id: 'new', mode: 'full' });
        expect(state.pending === undefined).toBe(wishes.length === 1);
      }),
    );
  });
});

describe('the end of a run', () => {
  const ended = (state: ScopeState, status: 'complete' | 'failed') => {
    const { id = '', mode = 'full', startedAt = '' } = state.activeRun ?? {};
    const finished = { id, mode, status, startedAt, finishedAt: startedAt, totals: noTotals() };
    return afterEnd(state, finished, MARK, { ...newRun, id: 'next' });
  };

  it('starts the run that waits, and keeps the watermark unless it was complete', () => {
    fc.assert(
      fc.property(
        anyWish,
        anyWish,
        fc.constantFrom('complete' as const, 'failed' as const),
        (a, b, status) => {
          const state = { ...empty, watermark: '2026-10-01T00:00:00.000Z' };
          const active = afterRequest(state, a, newRun);
          const waiting = afterRequest(active, b, newRun);
          expect(ended(active, status)?.activeRun).toBeUndefined();
          const after = ended(waiting, status);
          expect(after?.activeRun).toMatchObject({ id: 'next', mode: b.mode });
          expect(after?.pending).toBeUndefined();
          expect(after?.watermark).toBe(status === 'complete' ? MARK : state.watermark);
        },
      ),
    );
  });

  it('happens once', () => {
    const active = afterRequest(empty, { mode: 'full' }, newRun);
    const after = ended(active, 'complete');
    const finished = after?.lastRun;
    if (after === undefined || finished === undefined) throw new Error('The run has ended.');
    expect(afterEnd(after, finished, 'other', newRun)).toBeUndefined();
  });
});

describe('a lease', () => {
  const open: Partition = {
    runId: 'run',
    id: 'read',
    phase: 'read',
    work: { kind: 'list' },
    state: 'open',
    origin: 'run',
    checkpoint: { pages: 0 },
    totals: noTotals(),
    fence: 0,
    notBeforeMs: 0,
    resumes: 0,
    failures: 0,
    restarted: false,
  };

  it('belongs to one owner at a time, and each has a higher fence', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 2 * LEASE_MS })), (pauses) => {
        let partition = open;
        let nowMs = 0;
        let untilMs = 0;
        for (const pause of pauses) {
          nowMs += pause;
          const taken = takeLease(partition, 'owner', nowMs);
          expect(taken === undefined).toBe(nowMs < untilMs);
          if (taken === undefined) continue;
          expect(taken.fence).toBe(partition.fence + 1);
          partition = taken;
          untilMs = nowMs + LEASE_MS;
        }
      }),
    );
  });

  it('is renewed by its owner, and free once it is given back', () => {
    const taken = takeLease(open, 'owner', 0) ?? open;
    expect(isTakeable(renewLease(taken, LEASE_MS - 1), LEASE_MS)).toBe(false);
    expect(isTakeable(releaseLease(taken, 500), 499)).toBe(false);
    expect(isTakeable(releaseLease(taken, 500), 500)).toBe(true);
    expect(takeLease(releaseLease(taken, 0), 'other', 0)?.resumes).toBe(0);
    expect(renewLease(open, 5)).toEqual(open);
  });
});

describe('the loop detector', () => {
  const walk = (cursors: Iterable<string>) => {
    let loop: Checkpoint['loop'];
    let steps = 0;
    for (const cursor of cursors) {
      loop = watchCursor(loop, cursor, 'invites');
      steps += 1;
    }
    return steps;
  };

  it('never takes different cursors for a loop', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string(), { maxLength: 300 }), (cursors) => {
        expect(walk(cursors)).toBe(cursors.length);
      }),
    );
  });

  it('notices every loop, within three times its beginning and length', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 60 }), (lead, length) => {
        const cursors = Array.from({ length: 3 * (lead + length) + 3 }, (_, index) =>
          index < lead ? `lead-${index}` : `loop-${(index - lead) % length}`,
        );
        expect(() => walk(cursors)).toThrow(RepeatedCursorError);
      }),
    );
  });
});

describe('windows', () => {
  it('cover what they were cut from, without a gap and without an overlap', () => {
    const cuts = fc.uniqueArray(moment, { minLength: 1, maxLength: 8 }).map((moments) => moments.sort());
    fc.assert(
      fc.property(cuts, moment, (at, any) => {
        const windows = windowsOf({}, at);
        const holding = windows.filter(
          ({ from, to }) => (from === undefined || any >= from) && (to === undefined || any < to),
        );
        expect(windows).toHaveLength(at.length + 1);
        expect(holding).toHaveLength(1);
      }),
    );
  });

  it('reach back by the milliseconds asked for', () => {
    expect(before('2026-11-01T00:00:00.000Z', 1_500)).toBe('2026-10-31T23:59:58.500Z');
  });
});

describe('seen ids', () => {
  it('holds exactly those that were shown', () => {
    const ids = fc.uniqueArray(fc.stringMatching(/^[\w.-]{1,24}$/), { maxLength: 60 });
    fc.assert(
      fc.property(ids, ids, (shown, others) => {
        const seen = new SeenIds(hashIds(shown));
        for (const id of shown) expect(seen.has(id)).toBe(true);
        for (const id of others) expect(seen.has(id)).toBe(shown.includes(id));
      }),
    );
  });
});
