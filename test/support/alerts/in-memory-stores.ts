import type { ClickLog } from '../../../shared/alerts/clicks/click-log.ts';
import type { JobDigest, JobDigestStore } from '../../../shared/alerts/conditions/failed-jobs.ts';
import type { FileStatusHistory, FileStatusStore } from '../../../shared/alerts/conditions/file-status.ts';
import { type Incident, incidentKey } from '../../../shared/alerts/incidents/incident.ts';
import type { ChannelState, IncidentStore } from '../../../shared/alerts/incidents/incident-store.ts';
import type { Channel } from '../../../shared/alerts/rules/settings.ts';

/** Values by key, each with its count of writes. They are frozen, so that nobody changes what is stored by accident. */
class Documents<Document extends { rev: number }> {
  readonly #documents = new Map<string, Document>();

  get(key: string): Document | undefined {
    return this.#documents.get(key);
  }

  list(): Document[] {
    return [...this.#documents.entries()]
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([, document]) => document);
  }

  put(key: string, document: Document): boolean {
    if ((this.#documents.get(key)?.rev ?? 0) !== document.rev) return false;
    this.#documents.set(key, frozen({ ...document, rev: document.rev + 1 }));
    return true;
  }

  replace(key: string, document: Document): void {
    this.#documents.set(key, frozen({ ...document }));
  }

  remove(key: string, rev: number): boolean {
    if (this.#documents.get(key)?.rev !== rev) return false;
    return this.#documents.delete(key);
  }
}

export class InMemoryIncidentStore implements IncidentStore {
  readonly #live = new Documents<Incident>();
  readonly #past = new Documents<Incident>();
  readonly #channels = new Documents<ChannelState>();

  async live() {
    return this.#live.list();
  }

  async put(incident: Incident) {
    return this.#live.put(incidentKey(incident.finding), incident);
  }

  async archive(incident: Incident) {
    this.#past.replace(`${incident.resolvedAt}#${incident.id}`, { ...incident, rev: 0 });
  }

  async remove(incident: Incident) {
    return this.#live.remove(incidentKey(incident.finding), incident.rev);
  }

  async past(resolvedSince: string) {
    return this.#past.list().filter(({ resolvedAt }) => (resolvedAt ?? '') >= resolvedSince);
  }

  async channels() {
    const states: Partial<Record<Channel, ChannelState>> = {};
    for (const channel of ['slack', 'email'] as const) {
      const state = this.#channels.get(channel);
      if (state !== undefined) states[channel] = state;
    }
    return states;
  }

  async putChannel(channel: Channel, state: ChannelState) {
    return this.#channels.put(channel, state);
  }
}

export class InMemoryFileStatusStore implements FileStatusStore {
  readonly #watched = new Documents<FileStatusHistory>();
  readonly #settled = new Documents<FileStatusHistory>();

  async watched() {
    return this.#watched.list();
  }

  async find(pairId: string) {
    return this.#watched.get(pairId) ?? this.#settled.get(pairId);
  }

  async watch(history: FileStatusHistory) {
    return this.#watched.put(history.pairId, history);
  }

  async settle(history: FileStatusHistory) {
    this.#settled.replace(history.pairId, { ...history, rev: 0 });
    return this.#watched.remove(history.pairId, history.rev);
  }
}

export class InMemoryJobDigestStore implements JobDigestStore {
  readonly #digests = new Map<string, JobDigest>();

  async read(accountId: string) {
    return this.#digests.get(accountId);
  }

  async write(accountId: string, digest: JobDigest) {
    this.#digests.set(accountId, frozen({ ...digest }));
  }
}

function frozen<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const member of Object.values(value)) frozen(member);
  return Object.freeze(value);
}

export class InMemoryClickLog implements ClickLog {
  readonly #taken = new Set<string>();

  async take(signature: string) {
    if (this.#taken.has(signature)) return false;
    this.#taken.add(signature);
    return true;
  }
}
