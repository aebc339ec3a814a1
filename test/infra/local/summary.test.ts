import { describe, expect, it } from 'vitest';
import { summaryText } from '../../../infra/local/display/summary.ts';
import type { ScopeProgress } from '../../../infra/local/display/sync-view.ts';
import type { Names } from '../../../shared/alerts/conditions/names.ts';
import type { RuleName } from '../../../shared/alerts/rules/rule.ts';
import { noTotals } from '../../../shared/sync/state/partition.ts';
import type { Counts } from '../../../shared/sync/state/run.ts';
import { EXAMPLE_FINDINGS, exampleAnnouncement } from '../../support/alerts/examples.ts';

const PROJECT = '5f3c1a2b3c4d5e6f70819201';
const TERMINAL = 80;

function read(resource: string, counts: Partial<Counts>): ScopeProgress {
  const totals = { ...noTotals(), counts: { ...noTotals().counts, ...counts }, apiCalls: 1_234 };
  const startedAt = '2026-11-22T08:00:00.000Z';
  const finishedAt = '2026-11-22T08:20:34.500Z';
  const lastRun = {
    id: 'run-1',
    mode: 'incremental',
    status: 'complete',
    startedAt,
    finishedAt,
    totals,
  } as const;
  return { state: { resource, scope: 'company', lastRun } };
}

const incidentOf = (rule: RuleName) => exampleAnnouncement(EXAMPLE_FINDINGS[rule]).incident;
const failed = Array.from({ length: 5 }, () => incidentOf('file-sync-failed'));
/** As if every incident were about one project. */
const named = (projectName: string) =>
  new Map([...failed, incidentOf('relink-needed')].map(({ id }) => [id, { projectName }]));
const nothing = {
  progress: [],
  incidents: [],
  names: new Map<string, Names>(),
  emails: [],
  timeZone: 'UTC',
};

describe('the summary of a start', () => {
  it('fits on a terminal', () => {
    const text = summaryText({
      ...nothing,
      progress: [
        read('opportunity-project-pairs', {
          fetched: 812_345,
          created: 9,
          unchanged: 812_000,
          updated: 300,
          deleted: 45,
        }),
      ],
      incidents: failed,
      names: named(`Riverside Clinic and Community Center, ${'Phase 2, '.repeat(9)}`),
    });

    for (const line of text.split('\n')) expect(line.length, line).toBeLessThanOrEqual(TERMINAL);
  });

  it('counts what is wrong by rule, and shows the first few by the names of their projects', () => {
    const text = summaryText({
      ...nothing,
      incidents: [...failed, incidentOf('relink-needed')],
      names: named('Riverside Clinic'),
    });

    expect(text).toContain('5 file transfers failed');
    expect(text).toContain('and 2 more');
    expect(text).toContain('1 project to relink');
    expect(text.match(/Riverside Clinic, since/g)).toHaveLength(4);
    expect(text).not.toContain(PROJECT);
  });

  it('shows the id where no name is known', () => {
    expect(summaryText({ ...nothing, incidents: failed })).toContain(`project ${PROJECT}`);
  });

  it('says so where nothing is wrong and nothing was sent', () => {
    expect(summaryText(nothing)).toContain('No problems found.');
    expect(summaryText(nothing)).toContain('No new alerts were sent.');
  });
});
