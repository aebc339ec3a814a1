import type {
  EndedLanding,
  JobsLook,
  LandingStore,
  LatestJob,
  OpenLanding,
} from '../../../shared/extracts/landing/landing.ts';

/** Landings in memory. */
export class InMemoryLandingStore implements LandingStore {
  readonly #open = new Map<string, OpenLanding>();
  readonly #ended = new Map<string, EndedLanding>();
  readonly #latest = new Map<string, LatestJob>();
  readonly #looks = new Map<string, JobsLook>();

  async open(accountId: string): Promise<OpenLanding[]> {
    return structuredClone(
      [...this.#open.values()].filter((landing) => landing.accountId === accountId),
    ).sort((a, b) => (a.jobId < b.jobId ? -1 : 1));
  }

  async isKnown(accountId: string, jobId: string): Promise<boolean> {
    const key = `${accountId}/${jobId}`;
    return this.#open.has(key) || this.#ended.has(key);
  }

  async save(landing: OpenLanding): Promise<OpenLanding | undefined> {
    const key = keyOf(landing);
    if ((this.#open.get(key)?.rev ?? 0) !== landing.rev) return undefined;
    const saved = { ...landing, rev: landing.rev + 1 };
    this.#open.set(key, structuredClone(saved));
    return saved;
  }

  async end(landing: EndedLanding, rev: number): Promise<void> {
    this.#ended.set(keyOf(landing), structuredClone(landing));
    if (this.#open.get(keyOf(landing))?.rev === rev) this.#open.delete(keyOf(landing));
  }

  async ended(accountId: string): Promise<EndedLanding[]> {
    return structuredClone(
      [...this.#ended.values()].filter((landing) => landing.accountId === accountId),
    ).sort((a, b) => (a.endedAt < b.endedAt ? 1 : -1));
  }

  async advanceLatest(
    landing: Pick<EndedLanding, 'accountId' | 'requestId' | 'jobId' | 'endedAt'>,
  ): Promise<LatestJob> {
    const key = `${landing.accountId}/${landing.requestId}`;
    const known = this.#latest.get(key);
    if (known !== undefined && known.endedAt >= landing.endedAt) return known;
    const latest = { jobId: landing.jobId, endedAt: landing.endedAt };
    this.#latest.set(key, latest);
    return latest;
  }

  async look(accountId: string): Promise<JobsLook | undefined> {
    return this.#looks.get(accountId);
  }

  async keepLook(accountId: string, look: JobsLook): Promise<void> {
    this.#looks.set(accountId, look);
  }
}

function keyOf({ accountId, jobId }: { accountId: string; jobId: string }): string {
  return `${accountId}/${jobId}`;
}
