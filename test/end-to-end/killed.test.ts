import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../infra/local/sandbox/journal.ts';
import { lastRunOf, type MirroredSandbox, mirrorSandbox } from './mirrored-sandbox.ts';

/** A list, or the rest of the list inside a form; not a record by its id. */
const LISTS = /\/(opportunity-project-pairs|invites|scope-specific-bid-forms|line-items|requests|jobs)\?/;
/** After how many of the list requests that were answered since the start before it each process is killed. */
const KILLED_AFTER = [3, 9, 12];
/** Far less than a lease or a visibility timeout; a process needs some seconds to begin on a busy machine. */
const AT_ONCE_MS = 25_000;

let mirror: MirroredSandbox;
beforeEach(async () => {
  mirror = await mirrorSandbox({
    scale: { pairs: 120, invites: 2_100, forms: 45 },
    latencyMs: 60,
  });
});
afterEach(() => mirror.close());

describe('npm start -- --live, killed again and again', () => {
  it('goes on where it was, at once, reads little again, and ends with what Autodesk has', async () => {
    const { journal } = mirror.sandbox;
    const lives: JournalEntry[][] = [];
    const firstRequestsMs: number[] = [];
    const live = async (end: (requests: () => JournalEntry[]) => Promise<unknown>) => {
      const before = journal.count();
      const startedMs = Date.now();
      const requests = () => journal.entries().slice(before).filter(isListRequest);
      await end(requests);
      lives.push(requests());
      firstRequestsMs.push((requests()[0]?.atMs ?? Number.POSITIVE_INFINITY) - startedMs);
    };

    for (const count of KILLED_AFTER) {
      await live(async (requests) => {
        const { child, ended } = mirror.start('--once');
        await expect.poll(() => requests().length, { timeout: 60_000, interval: 2 }).toBeGreaterThan(count);
        child.kill('SIGKILL');
        expect((await ended).code).toBeNull();
      });
    }
    let last: Awaited<ReturnType<MirroredSandbox['once']>> | undefined;
    await live(async () => {
      last = await mirror.once();
    });

    expect(last?.code, last?.stderr).toBe(0);
    expect(await mirror.differences()).toEqual([]);
    for (const { lastRun } of last?.status.resources ?? []) {
      expect(lastRun).toMatchObject({ mode: 'full', status: 'complete' });
    }
    expect(last && lastRunOf(last.status, 'invites').counts).toMatchObject({
      fetched: 2_100,
      created: 2_100,
    });

    console.log(`after each start the first list request came within ${firstRequestsMs.join(', ')} ms`);
    expect(Math.max(...firstRequestsMs)).toBeLessThan(AT_ONCE_MS);
    const again = pagesReadAgain(lives);
    console.log('pages read again after each kill, by partition:', JSON.stringify(again));
    for (const partitions of again) {
      for (const pages of Object.values(partitions)) expect(pages).toBeLessThanOrEqual(2);
    }
  }, 180_000);
});

function isListRequest({ path, query }: JournalEntry): boolean {
  return LISTS.test(`${path}?${query}`);
}

/** For each life but the first: how many pages it asked for that a life before had asked for, by partition. */
function pagesReadAgain(lives: readonly JournalEntry[][]): Record<string, number>[] {
  const asked = new Set<string>();
  return lives.map((requests) => {
    const again: Record<string, number> = {};
    for (const { path, query } of requests.filter((request) => asked.has(addressOf(request)))) {
      const partition = partitionOf(path, query);
      again[partition] = (again[partition] ?? 0) + 1;
    }
    for (const request of requests) asked.add(addressOf(request));
    return again;
  });
}

function addressOf({ path, query }: JournalEntry): string {
  return `${path}?${query}`;
}

/** The rest of a form's list belongs to the partition that reads the form. */
function partitionOf(path: string, query: string): string {
  const list = path.replace(/\/[^/]+\/line-items$/, '').replace(/^.*\//, '');
  return `${list} ${new URLSearchParams(query).get('filter[updatedAt]') ?? ''}`.trim();
}
