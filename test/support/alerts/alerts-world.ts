import type { Notifier } from '../../../shared/alerts/channels/notifier.ts';
import type { Names } from '../../../shared/alerts/conditions/names.ts';
import type { AlertPorts } from '../../../shared/alerts/evaluate-alerts.ts';
import type { AlertMessage } from '../../../shared/alerts/messages/message.ts';
import { alertRules, type Channel } from '../../../shared/alerts/rules/settings.ts';
import type { AuthorizationStatus } from '../../../shared/autodesk/client/token-source.ts';
import { isoTime } from '../../../shared/clock.ts';
import type { JsonObject } from '../../../shared/json.ts';
import { silentLog } from '../../../shared/observability/log.ts';
import { noMetrics } from '../../../shared/observability/metrics.ts';
import type { QuarantinedRecord } from '../../../shared/records/quarantine.ts';
import type { RecordKey, StoredRecord } from '../../../shared/records/record.ts';
import { keyText } from '../../../shared/records/record-store.ts';
import { findResource } from '../../../shared/resources/registry.ts';
import type { FinishedRun, ScopeState } from '../../../shared/sync/state/run.ts';
import { NO_HOOKS } from '../../../shared/webhooks/hook-health.ts';
import { memoryStateItem } from '../autodesk/memory-state-item.ts';
import { InMemoryLandingStore } from '../in-memory/landing-store.ts';
import { VirtualClock } from '../virtual-clock.ts';
import {
  InMemoryFileStatusStore,
  InMemoryIncidentStore,
  InMemoryJobDigestStore,
} from './in-memory-stores.ts';

export const PAIRS = 'opportunity-project-pairs';
export const JOBS = 'data-connector-jobs';
export const ACCOUNT = 'account-1';

/** A channel that keeps what it was sent, or fails as it is told. */
export class RecordingNotifier implements Notifier {
  readonly channel: Channel;
  readonly sent: AlertMessage[] = [];
  failWith: Error | undefined;
  attempts = 0;

  constructor(channel: Channel) {
    this.channel = channel;
  }

  async isConfigured() {
    return true;
  }

  async send(message: AlertMessage) {
    this.attempts += 1;
    if (this.failWith !== undefined) throw this.failWith;
    this.sent.push(structuredClone(message));
  }

  /** What was said about each incident so far: titles and notes, in order. */
  said(): string[] {
    return this.sent.flatMap(({ items }) =>
      items.map((item) => [item.title, item.error, item.note].filter(Boolean).join(' | ')),
    );
  }
}

/** The mirror and the channels as alerts see them, all in memory, on a clock of its own. */
export class AlertsWorld {
  readonly clock = new VirtualClock('2026-11-22T08:00:00.000Z');
  readonly slack = new RecordingNotifier('slack');
  readonly email = new RecordingNotifier('email');
  readonly incidents = new InMemoryIncidentStore();
  readonly fileStatuses = new InMemoryFileStatusStore();
  readonly jobDigests = new InMemoryJobDigestStore();
  readonly hookHealth = memoryStateItem(NO_HOOKS);
  readonly landings = new InMemoryLandingStore();
  readonly scopes = new Map<string, ScopeState>();
  readonly kept: QuarantinedRecord[] = [];
  authorization: AuthorizationStatus = { state: 'connected' };
  readonly ports: AlertPorts;
  /** Reads of the mirror, to see what an evaluation costs. */
  reads = 0;
  readonly #records = new Map<string, StoredRecord>();
  /** Keys that the attention index does not show yet. */
  readonly hiddenFromIndex = new Set<string>();
  /** By the id of the project. */
  readonly names = new Map<string, Names>();

  constructor(rules: object = {}) {
    const records: AlertPorts['records'] = {
      get: async (key) => {
        this.reads += 1;
        return this.#records.get(keyText(key));
      },
      getMany: async (keys) => {
        this.reads += keys.length;
        const found = keys.flatMap((key) => this.#records.get(keyText(key)) ?? []);
        return new Map(found.map((record) => [keyText(record), record]));
      },
      attention: (resource) => this.#attention(resource),
      all: (resource, scope) => this.#all(resource, scope),
    };
    this.ports = {
      records,
      runs: { read: async (resource, scope) => this.#scope(resource, scope) },
      lists: [
        { resource: PAIRS, scope: 'company' },
        { resource: JOBS, scope: ACCOUNT },
      ],
      incidents: this.incidents,
      fileStatuses: this.fileStatuses,
      jobDigests: this.jobDigests,
      hookHealth: this.hookHealth,
      landings: this.landings,
      connection: { authorizationStatus: async () => this.authorization },
      quarantine: {
        list: async (resource, scope) =>
          this.kept.filter((entry) => entry.resource === resource && entry.scope === scope),
      },
      notifiers: [this.slack, this.email],
      namesOf: async ({ projectId = '' }) => this.names.get(projectId) ?? {},
      rules: alertRules.parse(rules),
      clock: this.clock,
      log: silentLog,
      metrics: noMetrics,
      stage: 'test',
      timeZone: 'UTC',
    };
  }

  /** Stores a pair; `updatedAt` moves only where it is given. */
  storePair(id: string, data: JsonObject, updatedAt = '2026-11-20T10:00:00.000Z'): void {
    this.store(PAIRS, 'company', id, {
      opportunityId: `opportunity-${id}`,
      projectId: `project-${id}`,
      fileStatus: 'SUCCESS',
      fileSyncingError: null,
      shouldRelinkGroup: false,
      ...data,
      updatedAt,
    });
  }

  storeJob(id: string, data: JsonObject): void {
    this.store(JOBS, ACCOUNT, id, { status: 'complete', completionStatus: 'success', ...data });
  }

  deletePair(id: string): void {
    const record = this.#records.get(keyText({ resource: PAIRS, id }));
    if (record !== undefined) record.deletedAt = isoTime(this.clock.now());
  }

  /** Ends a run now, as one that was started a minute ago. */
  endRun(resource: string, scope: string, of: Partial<FinishedRun> = {}): void {
    const startedAt = isoTime(this.clock.now() - 60_000);
    const lastRun: FinishedRun = {
      id: `run-${resource}-${this.clock.now()}`,
      mode: 'incremental',
      status: 'complete',
      startedAt,
      finishedAt: isoTime(this.clock.now()),
      totals: {
        counts: { fetched: 0, created: 0, updated: 0, unchanged: 0, deleted: 0, quarantined: 0 },
        pages: 1,
        apiCalls: 1,
        readUnits: 0,
        writeUnits: 0,
      },
      ...of,
    };
    const before = this.#scope(resource, scope);
    this.scopes.set(`${resource}/${scope}`, {
      ...before,
      lastRun,
      ...(lastRun.status === 'complete' && { watermark: lastRun.startedAt }),
      ...(lastRun.status === 'complete' &&
        lastRun.mode === 'full' && { lastFull: { id: lastRun.id, finishedAt: lastRun.finishedAt } }),
    });
  }

  setScope(resource: string, scope: string, state: Partial<ScopeState>): void {
    this.scopes.set(`${resource}/${scope}`, { ...this.#scope(resource, scope), ...state });
  }

  minutesPass(minutes: number): void {
    this.clock.jump(minutes * 60_000);
  }

  store(resource: string, scope: string, id: string, data: JsonObject): void {
    this.#records.set(keyText({ resource, id }), {
      resource,
      id,
      scope,
      data: { id, ...data },
      readAt: isoTime(this.clock.now()),
      contentHash: '',
      ...(typeof data.updatedAt === 'string' && { updatedAt: data.updatedAt }),
    });
  }

  #scope(resource: string, scope: string): ScopeState {
    return this.scopes.get(`${resource}/${scope}`) ?? { resource, scope };
  }

  async *#attention(resource: string): AsyncIterable<RecordKey> {
    const attention = findResource(resource)?.attention;
    for (const record of this.#records.values()) {
      const isIn = record.resource === resource && record.deletedAt === undefined;
      if (!isIn || this.hiddenFromIndex.has(record.id)) continue;
      if (attention?.needed(record.data)) yield { resource, id: record.id };
    }
  }

  async *#all(resource: string, scope: string): AsyncIterable<StoredRecord> {
    for (const record of this.#records.values()) {
      if (record.resource === resource && record.scope === scope && record.deletedAt === undefined) {
        this.reads += 1;
        yield record;
      }
    }
  }
}
