import * as z from 'zod';
import { DynamoDocuments } from '../../dynamodb/documents.ts';
import type { Table } from '../../dynamodb/table.ts';
import {
  type EndedLanding,
  endedLanding,
  type JobsLook,
  jobsLook,
  type LandingStore,
  type LatestJob,
  type OpenLanding,
  openLanding,
} from './landing.ts';

const latestJob = z.object({ jobId: z.string(), endedAt: z.string(), rev: z.int() });

/**
 * Landings in the State table: `landing#<accountId>` / `<jobId>` while they are open, `landed#<accountId>` afterwards;
 * `landed-latest#<accountId>` / `<requestId>`; `jobs-look` / `<accountId>`.
 */
export class DynamoLandingStore implements LandingStore {
  readonly #table: Table;
  readonly #now: () => number;

  constructor(table: Table, now: () => number) {
    this.#table = table;
    this.#now = now;
  }

  async open(accountId: string): Promise<OpenLanding[]> {
    return (await this.#open(accountId).list()).map(({ document }) => document);
  }

  async isKnown(accountId: string, jobId: string): Promise<boolean> {
    const found = await Promise.all([this.#ended(accountId).get(jobId), this.#open(accountId).get(jobId)]);
    return found.some((landing) => landing !== undefined);
  }

  async save(landing: OpenLanding): Promise<OpenLanding | undefined> {
    const saved = await this.#open(landing.accountId).put(landing.jobId, landing.rev, landing);
    return saved ? { ...landing, rev: landing.rev + 1 } : undefined;
  }

  async end(landing: EndedLanding, rev: number): Promise<void> {
    // Housekeeping on AWS only: what has expired is left out before.
    const expiresAt = Math.ceil(Date.parse(landing.keptUntil) / 1000);
    await this.#ended(landing.accountId).replace(landing.jobId, landing, {
      expiresAt: { N: String(expiresAt) },
    });
    if (rev > 0) await this.#open(landing.accountId).remove(landing.jobId, rev);
  }

  async ended(accountId: string): Promise<EndedLanding[]> {
    const now = new Date(this.#now()).toISOString();
    return (await this.#ended(accountId).list())
      .map(({ document }) => document)
      .filter(({ keptUntil }) => keptUntil > now)
      .sort((a, b) => (a.endedAt < b.endedAt ? 1 : -1));
  }

  async advanceLatest(
    landing: Pick<EndedLanding, 'accountId' | 'requestId' | 'jobId' | 'endedAt'>,
  ): Promise<LatestJob> {
    const { requestId, jobId, endedAt } = landing;
    const latest = new DynamoDocuments(this.#table, `landed-latest#${landing.accountId}`, latestJob);
    for (;;) {
      const known = await latest.get(requestId);
      if (known !== undefined && known.endedAt >= endedAt) return known;
      const rev = known?.rev ?? 0;
      if (await latest.put(requestId, rev, { jobId, endedAt, rev })) return { jobId, endedAt };
    }
  }

  look(accountId: string): Promise<JobsLook | undefined> {
    return this.#looks().get(accountId);
  }

  keepLook(accountId: string, look: JobsLook): Promise<void> {
    return this.#looks().replace(accountId, look);
  }

  #open(accountId: string) {
    return new DynamoDocuments(this.#table, `landing#${accountId}`, openLanding);
  }

  #ended(accountId: string) {
    return new DynamoDocuments(this.#table, `landed#${accountId}`, endedLanding);
  }

  #looks() {
    return new DynamoDocuments(this.#table, 'jobs-look', jobsLook);
  }
}
