import type { Clock } from '../../../shared/clock.ts';
import type { SandboxResponse } from './response.ts';

export type CalledApi = 'authentication' | 'buildingconnected' | 'data-connector' | 'other';

export interface JournalEntry {
  /** When the request arrived; milliseconds since 1970. */
  atMs: number;
  api: CalledApi;
  method: string;
  path: string;
  /** The query as it was sent, without the question mark. */
  query: string;
  /** Which access token was used, counted from 1 over all that were given out. */
  tokenGeneration?: number;
  /** It arrived before the Retry-After of an earlier 429 of the same API had passed. */
  duringPause: boolean;
  /** Missing while it is being answered, and for good where the connection was cut. */
  status?: number;
}

/** Which requests are meant; all of them where nothing is said. */
export interface JournalFilter {
  api?: CalledApi;
  method?: string;
  /** Matched against path, question mark and query. */
  path?: RegExp;
  status?: number;
  duringPause?: boolean;
}

const ENTRIES_KEPT = 100_000;

/** What was asked of the sandbox, the latest 100,000 requests. */
export class Journal {
  readonly #clock: Clock;
  readonly #pausedUntilMs = new Map<CalledApi, number>();
  #entries: JournalEntry[] = [];
  #inFlight = 0;
  /** The most requests that were under way at one moment. */
  peakInFlight = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  entries(filter: JournalFilter = {}): JournalEntry[] {
    return this.#entries.filter((entry) => isMeant(entry, filter));
  }

  count(filter: JournalFilter = {}): number {
    return this.#entries.reduce((count, entry) => (isMeant(entry, filter) ? count + 1 : count), 0);
  }

  clear(): void {
    this.#entries = [];
    this.peakInFlight = this.#inFlight;
  }

  arrived(method: string, path: string, query: string): JournalEntry {
    const atMs = this.#clock.now();
    const api = apiOf(path);
    const duringPause = atMs < (this.#pausedUntilMs.get(api) ?? 0);
    const entry: JournalEntry = { atMs, api, method, path, query, duringPause };
    // Cut by halves, so that the cost is spread over many requests.
    if (this.#entries.length >= ENTRIES_KEPT * 2) this.#entries = this.#entries.slice(ENTRIES_KEPT);
    this.#entries.push(entry);
    this.#inFlight += 1;
    this.peakInFlight = Math.max(this.peakInFlight, this.#inFlight);
    return entry;
  }

  answered(entry: JournalEntry, answer: SandboxResponse): void {
    entry.status = answer.status;
    const retryAfter = answer.headers['retry-after'];
    if (answer.status !== 429 || retryAfter === undefined) return;
    const untilMs = /^\d+$/.test(retryAfter)
      ? this.#clock.now() + Number(retryAfter) * 1000
      : Date.parse(retryAfter);
    this.#pausedUntilMs.set(entry.api, Math.max(untilMs, this.#pausedUntilMs.get(entry.api) ?? 0));
  }

  /** The request is over, answered or cut off. */
  ended(): void {
    this.#inFlight -= 1;
  }
}

function isMeant(entry: JournalEntry, filter: JournalFilter): boolean {
  return (
    (filter.api === undefined || entry.api === filter.api) &&
    (filter.method === undefined || entry.method === filter.method) &&
    (filter.status === undefined || entry.status === filter.status) &&
    (filter.duringPause === undefined || entry.duringPause === filter.duringPause) &&
    (filter.path === undefined || filter.path.test(`${entry.path}?${entry.query}`))
  );
}

function apiOf(path: string): CalledApi {
  if (path.startsWith('/construction/buildingconnected/')) return 'buildingconnected';
  if (path.startsWith('/data-connector/')) return 'data-connector';
  return path.startsWith('/authentication/') ? 'authentication' : 'other';
}
