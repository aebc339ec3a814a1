import { beforeEach, describe, expect, it } from 'vitest';
import type { ClickLog } from '../../../shared/alerts/clicks/click-log.ts';
import type { JobDigestStore } from '../../../shared/alerts/conditions/failed-jobs.ts';
import type { FileStatusStore } from '../../../shared/alerts/conditions/file-status.ts';
import type { Incident } from '../../../shared/alerts/incidents/incident.ts';
import type { IncidentStore } from '../../../shared/alerts/incidents/incident-store.ts';
import { alertStores, clickLog } from '../../../shared/composition/stores.ts';
import { Usage } from '../../../shared/observability/usage.ts';
import {
  InMemoryClickLog,
  InMemoryFileStatusStore,
  InMemoryIncidentStore,
  InMemoryJobDigestStore,
} from '../../support/alerts/in-memory-stores.ts';
import { embeddedTables } from '../../support/embedded-tables.ts';

interface Stores {
  incidents: IncidentStore;
  fileStatuses: FileStatusStore;
  jobDigests: JobDigestStore;
  clickLog: ClickLog;
}

describe('the in-memory alert stores', () => {
  keepAlertState(async () => ({
    incidents: new InMemoryIncidentStore(),
    fileStatuses: new InMemoryFileStatusStore(),
    jobDigests: new InMemoryJobDigestStore(),
    clickLog: new InMemoryClickLog(),
  }));
});

describe('the DynamoDB alert stores', () => {
  const usage = new Usage();
  const tables = embeddedTables();
  const createStores = async (): Promise<Stores> => {
    const access = await tables();
    return { ...alertStores(access, usage), clickLog: clickLog(access) };
  };

  keepAlertState(createStores);

  it('reads none of the past to list what stands', async () => {
    const { incidents } = await createStores();
    await incidents.put(anIncident({ subject: 'p0' }));
    for (let index = 0; index < 200; index += 1) {
      await incidents.archive(anIncident({ subject: `p${index}`, resolvedAt: '2026-11-01T00:00:00.000Z' }));
    }
    usage.take();

    expect(await incidents.live()).toHaveLength(1);
    expect(usage.take().readUnits).toBeLessThanOrEqual(1);
  });

  it('lists more incidents than fit in one page of a query', async () => {
    const { incidents } = await createStores();
    const history = Array.from({ length: 100 }, () => ({
      at: '2026-11-01T00:00:00.000Z',
      who: 'system',
      what: 'x'.repeat(2_000),
    }));
    for (let index = 0; index < 12; index += 1) {
      await incidents.put({ ...anIncident({ subject: `p${index}` }), history });
    }

    expect(await incidents.live()).toHaveLength(12);
  });
});

function keepAlertState(create: () => Promise<Stores>) {
  let stores: Stores;

  beforeEach(async () => {
    stores = await create();
  });

  it('keeps an incident as it was put, with the next revision', async () => {
    const incident = anIncident({ subject: 'p1' });

    expect(await stores.incidents.put(incident)).toBe(true);
    expect(await stores.incidents.live()).toEqual([{ ...incident, rev: 1 }]);
  });

  it('refuses a write by who has not seen the latest one', async () => {
    await stores.incidents.put(anIncident({ subject: 'p1' }));
    await stores.incidents.put(anIncident({ subject: 'p1', rev: 1 }));

    expect(await stores.incidents.put(anIncident({ subject: 'p1' }))).toBe(false);
    expect(await stores.incidents.put(anIncident({ subject: 'p1', rev: 1 }))).toBe(false);
    expect(await stores.incidents.remove(anIncident({ subject: 'p1', rev: 1 }))).toBe(false);
    expect(await stores.incidents.live()).toHaveLength(1);
  });

  it('moves an incident to the past once, however often it is archived', async () => {
    const resolved = anIncident({ subject: 'p1', resolvedAt: '2026-11-10T00:00:00.000Z', rev: 1 });
    await stores.incidents.put({ ...resolved, rev: 0 });

    await stores.incidents.archive(resolved);
    await stores.incidents.archive(resolved);

    expect(await stores.incidents.remove(resolved)).toBe(true);
    expect(await stores.incidents.live()).toEqual([]);
    expect(await stores.incidents.past('2026-11-10T00:00:00.000Z')).toEqual([{ ...resolved, rev: 0 }]);
  });

  it('lists of the past what was resolved since a moment', async () => {
    for (const day of ['05', '15', '25']) {
      await stores.incidents.archive(
        anIncident({ subject: day, resolvedAt: `2026-11-${day}T00:00:00.000Z` }),
      );
    }

    const since = await stores.incidents.past('2026-11-10T00:00:00.000Z');
    expect(since.map(({ finding }) => finding.subject)).toEqual(['15', '25']);
  });

  it('keeps the state of each channel under the same condition', async () => {
    expect(await stores.incidents.channels()).toEqual({});
    expect(await stores.incidents.putChannel('slack', { failures: 2, rev: 0 })).toBe(true);
    expect(await stores.incidents.putChannel('slack', { failures: 3, rev: 0 })).toBe(false);
    expect(await stores.incidents.channels()).toEqual({ slack: { failures: 2, rev: 1 } });
  });

  it('watches the history of a pair until it is settled, and finds it afterwards', async () => {
    const entries = [{ at: '2026-11-01T00:00:00.000Z', fileStatus: 'FAILED', error: 'no space' }];
    expect(await stores.fileStatuses.watch({ pairId: 'p1', entries, rev: 0 })).toBe(true);
    expect(await stores.fileStatuses.watch({ pairId: 'p1', entries: [], rev: 0 })).toBe(false);
    expect(await stores.fileStatuses.watched()).toEqual([{ pairId: 'p1', entries, rev: 1 }]);

    expect(await stores.fileStatuses.settle({ pairId: 'p1', entries, rev: 1 })).toBe(true);
    expect(await stores.fileStatuses.watched()).toEqual([]);
    expect((await stores.fileStatuses.find('p1'))?.entries).toEqual(entries);
    expect(await stores.fileStatuses.find('p2')).toBeUndefined();
  });

  it('takes a request of Slack once', async () => {
    const { clickLog } = stores;
    expect(await clickLog.take('v0=1', Date.now())).toBe(true);
    expect(await clickLog.take('v0=1', Date.now())).toBe(false);
    expect(await clickLog.take('v0=2', Date.now())).toBe(true);
  });

  it('keeps the last digest of each account', async () => {
    expect(await stores.jobDigests.read('a1')).toBeUndefined();
    await stores.jobDigests.write('a1', { runId: 'r1', failed: [] });
    await stores.jobDigests.write('a1', { runId: 'r2', failed: [] });

    expect(await stores.jobDigests.read('a1')).toMatchObject({ runId: 'r2', failed: [] });
  });
}

function anIncident(of: { subject: string; resolvedAt?: string; rev?: number }): Incident {
  return {
    id: `file-sync-failed-${of.subject}`,
    finding: {
      rule: 'file-sync-failed',
      subject: of.subject,
      facts: {},
      readings: { 'File status': 'FAILED' },
    },
    state: of.resolvedAt === undefined ? 'open' : 'resolved',
    startedAt: '2026-11-01T00:00:00.000Z',
    openedAt: '2026-11-01T00:00:00.000Z',
    ...(of.resolvedAt !== undefined && { resolvedAt: of.resolvedAt }),
    change: { number: 1, kind: 'opened', at: '2026-11-01T00:00:00.000Z' },
    told: { slack: { change: 1, kind: 'opened', at: '2026-11-01T00:00:01.000Z' } },
    history: [{ at: '2026-11-01T00:00:00.000Z', who: 'system', what: 'seen' }],
    rev: of.rev ?? 0,
  };
}
