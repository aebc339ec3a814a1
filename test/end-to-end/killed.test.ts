import { afterEach, describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../infra/sandbox/http/journal.ts';
import { LINE_ITEMS } from '../support/sync/compare-with-sandbox.ts';
import { lastRunOf, type MirroredSandbox, mirrorSandbox } from './mirrored-sandbox.ts';

/** A list, or the rest of the list inside a form; not a record by its id. */
const LISTS = /\/(opportunity-project-pairs|invites|scope-specific-bid-forms|line-items|requests|jobs)\?/;
/** Far less than a lease or a visibility timeout; a process needs some seconds to begin on a busy machine. */
const AT_ONCE_MS = 25_000;

let mirror: MirroredSandbox;
afterEach(() => mirror.close());

describe('npm start -- --live, killed again and again', { timeout: 180_000 }, () => {
  it('goes on where it was, at once, reads little again, and ends with what Autodesk has', async () => {
    mirror = await mirrorSandbox({ scale: { pairs: 120, invites: 2_100, forms: 45 }, latencyMs: 60 });
    const { last, lives, firstRequestsMs } = await liveAndDie([4, 10, 13]);
    expect(last.code, last.stderr).toBe(0);
    expect(await mirror.differences()).toEqual([]);
    for (const { lastRun } of last.status.resources) {
      expect(lastRun).toMatchObject({ mode: 'full', status: 'complete' });
    }
    expect(lastRunOf(last.status, 'invites').counts).toMatchObject({ fetched: 2_100, created: 2_100 });
    console.log(`after each start the first list request came within ${firstRequestsMs.join(', ')} ms`);
    expect(Math.max(...firstRequestsMs)).toBeLessThan(AT_ONCE_MS);
    expectFewPagesAgain(lives);
  });

  it('goes on inside a form of two thousand line items', async () => {
    mirror = await mirrorSandbox(
      { scale: { forms: 3 }, latencyMs: 60 },
      { ENABLED_RESOURCES: 'scope-specific-bid-forms' },
    );
    const { data } = mirror.sandbox;
    const form = String(data.records('scope-specific-bid-forms')[1]?.id);
    const [item] = data.elements('scope-specific-bid-form-line-items', form);
    data.putElements(
      'scope-specific-bid-form-line-items',
      form,
      Array.from({ length: 2_000 }, (_, index) => ({
        ...item,
        id: `item-${index}`,
        description: `No. ${index}`,
      })),
    );
    const { last, lives } = await liveAndDie([6, 7]);
    expect(last.code, last.stderr).toBe(0);
    expect(await mirror.differences('scope-specific-bid-forms', LINE_ITEMS)).toEqual([]);
    expectFewPagesAgain(lives);
  });
});

/**
 * Starts one process after the other: each is killed when it has asked for so many pages, the last one may end.
 * Answers the pages that each has asked for, and how soon after its start the first was.
 */
async function liveAndDie(killedAfter: readonly number[]) {
  const { journal } = mirror.sandbox;
  const lives: JournalEntry[][] = [];
  const firstRequestsMs: number[] = [];
  const observe = async <Result>(live: (pages: () => JournalEntry[]) => Promise<Result>): Promise<Result> => {
    const before = journal.count();
    const startedMs = Date.now();
    const pages = () => journal.entries().slice(before).filter(isListRequest);
    const result = await live(pages);
    lives.push(pages());
    firstRequestsMs.push((pages()[0]?.atMs ?? Number.POSITIVE_INFINITY) - startedMs);
    return result;
  };
  for (const count of killedAfter) {
    await observe(async (pages) => {
      const { child, ended } = mirror.start('--once');
      await expect.poll(() => pages().length, { timeout: 60_000, interval: 2 }).toBeGreaterThanOrEqual(count);
      child.kill('SIGKILL');
      expect(await ended).toMatchObject({ signal: 'SIGKILL' });
    });
  }
  const last = await observe(() => mirror.once());
  return { last, lives, firstRequestsMs };
}

function expectFewPagesAgain(lives: readonly JournalEntry[][]) {
  const again = pagesReadAgain(lives);
  console.log('pages read again after each start, by partition:', JSON.stringify(again));
  expect(Object.keys(Object.assign({}, ...again))).not.toEqual([]);
  for (const partitions of again) {
    for (const pages of Object.values(partitions)) expect(pages).toBeLessThanOrEqual(2);
  }
}

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
