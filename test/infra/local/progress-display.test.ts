import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createProgressDisplay } from '../../../infra/local/display/progress-display.ts';
import type { ScopeProgress } from '../../../infra/local/display/sync-view.ts';
import type { Wait } from '../../../infra/local/display/wait-text.ts';
import { noTotals } from '../../../shared/sync/state/partition.ts';

const PAUSE: Wait = {
  for: 'autodesk',
  waiting: {
    api: 'buildingconnected',
    until: '2026-11-27T05:10:00.000Z',
    reason: 'rate-limit',
    isAsked: true,
  },
};
const LATER: Wait = { ...PAUSE, waiting: { ...PAUSE.waiting, until: '2026-11-27T05:20:00.000Z' } };

function reading(pages: number): ScopeProgress[] {
  const totals = { ...noTotals(), pages };
  const startedAt = '2026-11-27T05:00:00.000Z';
  const activeRun = { id: 'run', mode: 'full' as const, phase: 'read' as const, startedAt };
  return [
    {
      state: { resource: 'invites', scope: 'company', activeRun },
      active: { totals, parts: 1, partsDone: 0, mark: String(pages) },
    },
  ];
}

/** A display whose clock the test moves, and what it has written. */
function displayOn(output: PassThrough & { isTTY?: boolean; columns?: number }) {
  let nowMs = 0;
  const display = createProgressDisplay(output, { now: () => nowMs, sleep: async () => {} }, 'UTC');
  return {
    at(second: number, pages: number, wait?: Wait) {
      nowMs = second * 1_000;
      display.show(reading(pages), wait);
    },
    end: () => display.end(),
    written: () => String(output.read() ?? ''),
  };
}

describe('progress off a terminal', () => {
  it('is a line at most every ten seconds, and none while nothing moves', () => {
    const display = displayOn(new PassThrough());
    display.at(1, 1);
    expect(display.written()).toBe('');
    display.at(10, 2);
    expect(display.written()).toMatch(/^2 pages, .*\n$/);
    display.at(15, 3);
    expect(display.written()).toBe('');
    display.at(20, 3);
    expect(display.written()).toMatch(/^3 pages, .*\n$/);
    display.at(40, 3);
    expect(display.written()).toBe('');
  });

  it('tells a wait at once and once, and again when it gets longer', () => {
    const display = displayOn(new PassThrough());
    display.at(1, 1, PAUSE);
    expect(display.written()).toBe('Waiting for Autodesk until Nov 27, 2026, 5:10 AM UTC (rate limit).\n');
    display.at(2, 1, PAUSE);
    expect(display.written()).toBe('');
    display.at(3, 1, LATER);
    expect(display.written()).toContain('5:20 AM');
    display.at(4, 1);
    display.at(5, 1, LATER);
    expect(display.written()).toBe('');
  });

  it('goes on with what moves while another list waits', () => {
    const display = displayOn(new PassThrough());
    display.at(1, 1, PAUSE);
    display.written();
    display.at(12, 9, PAUSE);
    expect(display.written()).toMatch(/^9 pages/);
  });
});

describe('progress on a terminal', () => {
  it('is one line that begins with the wait, cut to the width, and is cleared at the end', () => {
    const display = displayOn(Object.assign(new PassThrough(), { isTTY: true, columns: 60 }));
    display.at(1, 1, { for: 'progress', givesUpAtMs: Date.parse('2026-11-27T05:01:00.000Z') });
    const [, line = ''] = display.written().split('\r\x1b[2K');
    expect(line).toMatch(/^Waiting until Nov 27, 2026, 5:01 AM UTC at the latest for/);
    expect(line).toHaveLength(59);
    display.at(1.1, 1, PAUSE);
    expect(display.written()).toBe('');
    display.at(2, 2);
    expect(display.written()).toContain('2 pages');
    display.end();
    expect(display.written()).toBe('\r\x1b[2K');
  });
});
