import { describe, expect, it } from 'vitest';
import { alertRules } from '../../../shared/alerts/rules/settings.ts';
import { staleLists } from '../../../shared/alerts/rules/stale.ts';
import { noTotals } from '../../../shared/sync/state/partition.ts';
import type { ScopeState } from '../../../shared/sync/state/run.ts';

const NOW_MS = Date.parse('2026-11-27T12:00:00.000Z');
const MORNING = '2026-11-27T05:00:00.000Z';
const YESTERDAY = '2026-11-26T05:00:00.000Z';

/** A list that was complete at a moment, and whose last run failed for a reason, if one is given. */
function list(resource: string, watermark: string | undefined, code?: string): ScopeState {
  const startedAt = '2026-11-27T06:00:00.000Z';
  return {
    resource,
    scope: 'company',
    ...(watermark !== undefined && { watermark }),
    ...(code !== undefined && {
      lastRun: {
        id: 'run',
        mode: 'incremental',
        status: 'failed',
        startedAt,
        finishedAt: startedAt,
        totals: noTotals(),
        error: { code, message: `${code} happened.`, remedy: 'See to it.' },
      },
    }),
  };
}

const staleOf = (...states: ScopeState[]) => staleLists(states, alertRules.parse({}).stale, NOW_MS, 'UTC');
const subjects = (...states: ScopeState[]) => staleOf(...states).map(({ subject }) => subject);

describe('lists that are out of date', () => {
  it('are one finding each while few have the same cause', () => {
    expect(
      subjects(
        list('invites', MORNING, 'AUTODESK_UNAVAILABLE'),
        list('projects', MORNING, 'AUTODESK_UNAVAILABLE'),
        list('bid-packages', MORNING, 'REPEATED_CURSOR'),
        list('opportunities', MORNING),
      ),
    ).toEqual(['invites/company', 'projects/company', 'bid-packages/company', 'opportunities/company']);
  });

  it('are one finding together where many have the same cause, which is its subject', () => {
    expect(
      staleOf(
        list('invites', MORNING, 'SUBSCRIPTION_REQUIRED'),
        list('projects', '2026-11-27T03:00:00.000Z', 'SUBSCRIPTION_REQUIRED'),
        list('bid-packages', MORNING, 'REPEATED_CURSOR'),
        list('opportunities', MORNING, 'SUBSCRIPTION_REQUIRED'),
      ),
    ).toEqual([
      {
        rule: 'stale',
        subject: 'SUBSCRIPTION_REQUIRED',
        shownAs: '3 lists',
        since: '2026-11-27T03:00:00.000Z',
        error: 'SUBSCRIPTION_REQUIRED happened.',
        remedy: 'See to it.',
        facts: {},
        readings: { Lists: 'invites, projects, opportunities' },
      },
      expect.objectContaining({ subject: 'bid-packages/company' }),
    ]);
  });

  it('have a day more where they are read once a day', () => {
    expect(subjects(list('users', MORNING), list('contacts', YESTERDAY))).toEqual(['contacts/company']);
  });

  it.each(['SUBSCRIPTION_REQUIRED', 'FORBIDDEN', 'NOT_FOUND'])(
    'are not those that Autodesk has refused from the start: %s',
    (code) => {
      expect(subjects(list('opportunities', undefined, code))).toEqual([]);
      expect(subjects(list('opportunities', MORNING, code))).toEqual(['opportunities/company']);
    },
  );

  it('are those that could never be read for another reason', () => {
    expect(subjects(list('invites', undefined, 'AUTODESK_UNAVAILABLE'))).toEqual(['invites/company']);
  });
});
