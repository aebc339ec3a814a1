import { describe, expect, it } from 'vitest';
import type { Names } from '../../../shared/alerts/conditions/names.ts';
import type { ChangeKind } from '../../../shared/alerts/incidents/incident.ts';
import { byUrgency, urgencyOf } from '../../../shared/alerts/messages/urgency.ts';
import type { RuleName } from '../../../shared/alerts/rules/rule.ts';
import { EXAMPLE_FINDINGS, exampleAnnouncement } from '../../support/alerts/examples.ts';

const NOW_MS = Date.parse('2026-11-27T12:00:00.000Z');

describe('how urgent a due date is', () => {
  it.each([
    ['2026-11-27T12:00:00.000Z', 'due-soon'],
    ['2026-11-30T12:00:00.000Z', 'due-soon'],
    ['2026-11-30T12:00:00.001Z', 'usual'],
    ['2026-11-27T11:59:59.999Z', 'past'],
    ['2025-01-01T00:00:00.000Z', 'past'],
    [undefined, 'usual'],
  ])('%s: %s', (bidsDueAt, urgency) => {
    expect(urgencyOf(bidsDueAt, NOW_MS)).toBe(urgency);
  });
});

function ordered(...all: [id: string, rule: RuleName, bidsDueAt?: string, kind?: ChangeKind][]): string[] {
  const announcements = all.map(([id, rule, , kind]) =>
    exampleAnnouncement(EXAMPLE_FINDINGS[rule], kind, { id }),
  );
  const names = new Map<string, Names>(
    all.map(([id, , bidsDueAt]) => [id, bidsDueAt === undefined ? {} : { bidsDueAt }]),
  );
  return byUrgency(announcements, names, NOW_MS).map(({ incident }) => incident.id);
}

describe('the order of a message', () => {
  it('puts bids that are due within three days first, the earliest of them before, and those of the past last', () => {
    expect(
      ordered(
        ['past', 'file-sync-failed', '2026-10-01T00:00:00.000Z'],
        ['no date', 'file-sync-failed'],
        ['in three days', 'file-sync-failed', '2026-11-30T00:00:00.000Z'],
        ['next month', 'file-sync-failed', '2026-12-20T00:00:00.000Z'],
        ['tomorrow', 'file-sync-failed', '2026-11-28T00:00:00.000Z'],
      ),
    ).toEqual(['tomorrow', 'in three days', 'no date', 'next month', 'past']);
  });

  it('keeps rules in their order, and what is over after what is not', () => {
    expect(
      ordered(
        ['stuck, tomorrow', 'file-sync-stuck', '2026-11-28T00:00:00.000Z'],
        ['over, tomorrow', 'file-sync-failed', '2026-11-28T00:00:00.000Z', 'resolved'],
        ['failed', 'file-sync-failed'],
        ['sign-in', 'connection'],
      ),
    ).toEqual(['sign-in', 'failed', 'stuck, tomorrow', 'over, tomorrow']);
  });
});
