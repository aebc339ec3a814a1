import { DynamoDocuments } from '../../dynamodb/documents.ts';
import type { Table } from '../../dynamodb/table.ts';
import { CHANNELS, type Channel } from '../rules/settings.ts';
import { type Incident, incident, incidentKey } from './incident.ts';
import { type ChannelState, channelState, type IncidentStore } from './incident-store.ts';

/** Housekeeping on AWS only; long after anybody can list them. */
const KEPT_SECONDS = 90 * 86_400;

/**
 * In the State table: `incident#live` / rule and subject, `incident#past` / time of resolution and id, and
 * `incident#channel` / channel. So a query of those that stand never reads one that is over.
 */
export class DynamoIncidentStore implements IncidentStore {
  readonly #live: DynamoDocuments<Incident>;
  readonly #past: DynamoDocuments<Incident>;
  readonly #channels: DynamoDocuments<ChannelState>;

  constructor(stateTable: Table) {
    this.#live = new DynamoDocuments(stateTable, 'incident#live', incident);
    this.#past = new DynamoDocuments(stateTable, 'incident#past', incident);
    this.#channels = new DynamoDocuments(stateTable, 'incident#channel', channelState);
  }

  async live(): Promise<Incident[]> {
    return (await this.#live.list()).map(({ document }) => document);
  }

  put(standing: Incident): Promise<boolean> {
    return this.#live.put(incidentKey(standing.finding), standing.rev, standing);
  }

  async archive(resolved: Incident): Promise<void> {
    const resolvedAt = resolved.resolvedAt ?? resolved.startedAt;
    const expiresAt = Math.ceil(Date.parse(resolvedAt) / 1000) + KEPT_SECONDS;
    await this.#past.replace(`${resolvedAt}#${resolved.id}`, resolved, {
      expiresAt: { N: String(expiresAt) },
    });
  }

  remove(standing: Incident): Promise<boolean> {
    return this.#live.remove(incidentKey(standing.finding), standing.rev);
  }

  async past(resolvedSince: string): Promise<Incident[]> {
    return (await this.#past.list(resolvedSince)).map(({ document }) => document);
  }

  async channels(): Promise<Partial<Record<Channel, ChannelState>>> {
    const stored = new Map((await this.#channels.list()).map(({ sk, document }) => [sk, document]));
    const states: Partial<Record<Channel, ChannelState>> = {};
    for (const channel of CHANNELS) {
      const state = stored.get(channel);
      if (state !== undefined) states[channel] = state;
    }
    return states;
  }

  putChannel(channel: Channel, state: ChannelState): Promise<boolean> {
    return this.#channels.put(channel, state.rev, state);
  }
}
