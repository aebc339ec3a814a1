import { describe, expect, it } from 'vitest';
import { silentLog } from '../../../shared/observability/log.ts';
import type { Metrics } from '../../../shared/observability/metrics.ts';
import { resumeStalled } from '../../../shared/sync/runs/resume-stalled.ts';
import { DEFAULT_WORKERS, settingsFor } from '../../../shared/sync/state/sync-ports.ts';
import { InMemoryPartitionStore } from '../../support/in-memory/partition-store.ts';
import { InMemoryAlertQueue, InMemoryFetchQueue } from '../../support/in-memory/queues.ts';
import { InMemoryRunStore } from '../../support/in-memory/run-store.ts';

const NOW = Date.parse('2026-03-01T12:00:00.000Z');
const clock = { now: () => NOW, sleep: async () => {} };

describe('the age of the mirror', () => {
  it('is told at every tick, for a resource of several accounts as that of its oldest list', async () => {
    const partitions = new InMemoryPartitionStore();
    const runs = new InMemoryRunStore(partitions);
    const complete = (resource: string, scope: string, watermark: string) =>
      runs.update(resource, scope, (state) => ({ ...state, watermark }));
    await complete('invites', 'company', '2026-03-01T11:59:00.000Z');
    await complete('data-connector-requests', 'a', '2026-03-01T11:00:00.000Z');
    await complete('data-connector-requests', 'b', '2026-03-01T11:30:00.000Z');
    const told: unknown[] = [];
    const metrics: Metrics = { add: (...metric) => told.push(metric) };

    await resumeStalled(
      {
        resources: ['invites', 'data-connector-requests', 'opportunity-project-pairs'],
        accountIds: ['a', 'b'],
      },
      {
        runs,
        partitions,
        fetchQueue: new InMemoryFetchQueue(clock),
        alertQueue: new InMemoryAlertQueue(),
        clock,
        randomness: { fraction: () => 0, hex: () => '00' },
        log: silentLog,
        metrics,
        settings: settingsFor(DEFAULT_WORKERS, []),
      },
    );

    expect(told).toEqual([
      ['FreshnessSeconds', 60, { resource: 'invites' }],
      ['FreshnessSeconds', 3_600, { resource: 'data-connector-requests' }],
    ]);
  });
});
