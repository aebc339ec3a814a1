import { round } from './figures.ts';

/** A list of a very large company: how many records, how large, and what is inside them. */
interface ScaledList {
  name: string;
  records: number;
  /** Kilobytes of an item, rounded up as DynamoDB counts write units. */
  kilobytes: number;
  /** Of a list inside each record: elements a record, and how many records in a hundred have more than one page of them. */
  elements?: { aRecord: number; longInHundred: number };
}

const LISTS: readonly ScaledList[] = [
  { name: 'invites', records: 1_000_000, kilobytes: 2 },
  { name: 'bids', records: 300_000, kilobytes: 2, elements: { aRecord: 14, longInHundred: 2 } },
  { name: 'bid-packages', records: 250_000, kilobytes: 1 },
  {
    name: 'scope-specific-bid-forms',
    records: 250_000,
    kilobytes: 1,
    elements: { aRecord: 8, longInHundred: 1 },
  },
  { name: 'contacts', records: 150_000, kilobytes: 1 },
  { name: 'project-team-members', records: 150_000, kilobytes: 1 },
  { name: 'projects', records: 50_000, kilobytes: 2 },
  { name: 'opportunities', records: 50_000, kilobytes: 2 },
  { name: 'project-bid-forms', records: 50_000, kilobytes: 1, elements: { aRecord: 8, longInHundred: 1 } },
  { name: 'opportunity-project-pairs', records: 20_000, kilobytes: 1 },
];

const PAGE = 100;
/** `by-update` and, for most records, `by-project`. Elements are in no index, and of one unit each. */
const INDEX_UNITS = 2;
/** A checkpoint and the ids seen. */
const UNITS_A_PAGE = 3;
const KILOBYTES_A_READ_UNIT = 4;

export interface ScaleFacts {
  callSeconds: number;
  callsAMinute: number;
  workers: number;
  workerGigabytes: number;
  /** What a first load of invites alone takes, simulated; it is the one list that tells its length and so is cut. */
  invites: { seconds: number; calls: number };
  prices: { millionWriteUnits: number; millionReadUnits: number; gigabyteSecond: number };
}

/** What all lists of a very large company take together: calls and dollars computed, the time of invites simulated. */
export function scaleOfAllLists(facts: ScaleFacts): string {
  const { callSeconds, callsAMinute, prices, invites } = facts;
  const lists = LISTS.map((list) => {
    const { records, kilobytes, elements } = list;
    const inside = elements === undefined ? 0 : records * elements.aRecord;
    const calls =
      list.name === 'invites'
        ? invites.calls
        : records / PAGE + (elements === undefined ? 0 : (records * elements.longInHundred) / 100);
    const seconds = list.name === 'invites' ? invites.seconds : calls * callSeconds;
    const writeUnits = records * (kilobytes + INDEX_UNITS) + inside + calls * UNITS_A_PAGE;
    const sweepReads = records * Math.ceil(kilobytes / KILOBYTES_A_READ_UNIT) + calls;
    return { ...list, inside, calls, seconds, writeUnits, sweepReads };
  });
  const sum = (of: (list: (typeof lists)[number]) => number) =>
    lists.reduce((total, list) => total + of(list), 0);
  const calls = sum((list) => list.calls);
  const budgetSeconds = (calls / callsAMinute) * 60;
  const longest = lists.reduce((most, list) => (list.seconds > most.seconds ? list : most));
  const firstSeconds = Math.max(budgetSeconds, longest.seconds);
  const lambda = (seconds: number, busy: number) =>
    busy * seconds * facts.workerGigabytes * prices.gigabyteSecond;
  const firstWorkers = (calls * callSeconds) / firstSeconds;
  const first =
    (sum((list) => list.writeUnits) / 1e6) * prices.millionWriteUnits + lambda(firstSeconds, firstWorkers);
  const sweep =
    ((calls * UNITS_A_PAGE) / 1e6) * prices.millionWriteUnits +
    (sum((list) => list.sweepReads) / 1e6) * prices.millionReadUnits +
    lambda(budgetSeconds, facts.workers - 2);
  const hours = (seconds: number) => round(seconds / 3_600, 2);
  const rows = lists.map(
    ({ name, records, inside, calls: own, seconds, writeUnits }) =>
      `| \`${name}\` | ${round(records)} | ${inside === 0 ? '' : round(inside)} | ${round(own)} | ${hours(seconds)} | ${round(writeUnits / 1e6, 1)} | $${((writeUnits / 1e6) * prices.millionWriteUnits).toFixed(2)} |`,
  );
  return `## All lists of a very large company

Assumed: 14 line items and plugs a bid and 8 line items a form, of which two bids and one form in a hundred go on beyond their first page
with one call each; ${callSeconds * 1_000} ms a call, ${callsAMinute} calls a minute for all lists together. Hours are of each list alone: only \`invites\` tells its
length, so that only it is cut into windows on a first load; the others are read page by page then, and cut by what is stored from their
second full read on.

| list | records | elements | calls | hours | M write units | writing |
|---|---|---|---|---|---|---|
${rows.join('\n')}
| together | ${round(sum(({ records }) => records))} | ${round(sum(({ inside }) => inside))} | ${round(calls)} | ${hours(firstSeconds)} | ${round(sum(({ writeUnits }) => writeUnits) / 1e6, 1)} | $${((sum(({ writeUnits }) => writeUnits) / 1e6) * prices.millionWriteUnits).toFixed(2)} |

**First load:** ${hours(firstSeconds)} hours, ${round(calls)} calls, $${first.toFixed(2)} with the workers. The budget alone would allow ${hours(budgetSeconds)} hours; \`${longest.name}\`, page by page, takes
${hours(longest.seconds)} hours beside the others. **Every full sync after it** is bound by the budget: ${hours(budgetSeconds)} hours and $${sweep.toFixed(2)}. **The first limit met** is ${
    longest.seconds > budgetSeconds
      ? `the length of \`${longest.name}\`, which nobody knows before it is read, and after it Autodesk's rate limit`
      : "Autodesk's rate limit"
  }; AWS's limits are as far away as in the note above, because all lists share the budget.`;
}
