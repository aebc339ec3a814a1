import { GeneratedInvites } from './generated-invites.ts';

const LISTS = 200;
const RECORDS = 5_000;
const PAGE = 100;
const PAGES = RECORDS / PAGE;
const MOST_CALLS = PAGES + PAGES / 10;
const TIMES_WANTED = 6;

/**
 * What first loads of lists of 5,000 records in no order could come to at best: how many are read within a tenth more
 * calls than pages, and how many six times as fast as one page after another. The windows are cut once, at the
 * quantiles of the first page, which is all that is known then; all of them are read at the same time.
 */
export function bestLoads(lists: readonly string[][], windows: number) {
  const loads = lists.map((moments) => loadOf(moments, windows));
  const calls = loads.map((load) => load.calls).sort((a, b) => a - b);
  const cheap = loads.filter((load) => load.calls <= MOST_CALLS);
  const isFast = ({ rounds }: { rounds: number }) => PAGES / rounds >= TIMES_WANTED;
  return {
    medianCalls: calls[LISTS / 2],
    cheap: cheap.length,
    fast: loads.filter(isFast).length,
    both: cheap.filter(isFast).length,
  };
}

/** When the records of each list were updated, in the order of the list. */
export function unorderedLists(): string[][] {
  return Array.from({ length: LISTS }, (_, list) => {
    const seed = `list-${list}`;
    const invites = new GeneratedInvites({ count: RECORDS, order: 'scattered', shape: 'recent', seed });
    return Array.from({ length: RECORDS }, (_, place) => String(invites.record(place).updatedAt));
  });
}

/** The first page counts beside its windows: in a list without order they hold its records, too, and read them again. */
function loadOf(moments: readonly string[], windows: number): { calls: number; rounds: number } {
  const onPage = moments.slice(0, PAGE).sort();
  const starts = Array.from({ length: windows - 1 }, (_, index) => {
    return onPage[Math.round((PAGE * (index + 1)) / windows)] ?? '';
  });
  const pages = ['', ...starts].map((from, index) => {
    const to = starts[index];
    const held = moments.filter((moment) => from <= moment && (to === undefined || moment < to)).length;
    return Math.max(1, Math.ceil(held / PAGE));
  });
  return { calls: 1 + pages.reduce((sum, each) => sum + each, 0), rounds: 1 + Math.max(...pages) };
}

if (import.meta.main) {
  const lists = unorderedLists();
  for (const windows of [6, 8, 10, 12, 14]) {
    const { medianCalls, cheap, fast, both } = bestLoads(lists, windows);
    process.stdout.write(
      `${windows} windows: ${medianCalls} calls at the median; of ${LISTS} lists ${cheap} within ${MOST_CALLS} calls, ` +
        `${fast} ${TIMES_WANTED} times as fast, ${both} both\n`,
    );
  }
}
