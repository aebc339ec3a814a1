import { round } from './figures.ts';
import { GeneratedInvites } from './generated-invites.ts';
import { scaleOfAllLists } from './scale-lists.ts';
import { shareOfBudget } from './virtual-ratios.ts';

const RECORDS = 1_000_000;
const PAGES = RECORDS / 100;
const CALLS_A_MINUTE = 900;
const WORKERS = 16;
const CALL_MS = 700;

/** US dollars in us-east-1, November 2026, from the public price lists of DynamoDB (on demand), Lambda (arm64) and SQS. */
const PRICES = {
  millionWriteUnits: 0.625,
  millionReadUnits: 0.125,
  gigabyteSecond: 0.0000133334,
  gigabyteMonth: 0.25,
};
const WORKER_GIGABYTES = 1;
/** An invite of 1.4 KB: two units in the table, and one in each of the two indexes it is in. */
const WRITE_UNITS_A_RECORD = 4;
/** Per page: the ids seen, and a checkpoint of up to two kilobytes. */
const WRITE_UNITS_A_PAGE = 3;
/** In a sweep: a consistent read of up to 4 KB. A first load reads nothing before it writes. */
const READ_UNITS_A_RECORD = 1;

/** What a million records take: the time simulated call by call, the dollars computed from it. */
export async function scaleNote(): Promise<string> {
  // The same number of pages with few records each: virtual time knows only calls.
  const invites = new GeneratedInvites({ count: PAGES * 5, order: 'by-creation', pageSize: 5 });
  const load = await shareOfBudget({
    invites,
    requestsPerMinute: CALLS_A_MINUTE,
    apiMs: CALL_MS,
    workers: WORKERS,
  });
  const seconds = load.tookMs / 1_000;
  const lambda = (WORKERS - 2) * seconds * WORKER_GIGABYTES * PRICES.gigabyteSecond;
  const reads = ((RECORDS * READ_UNITS_A_RECORD) / 1e6) * PRICES.millionReadUnits;
  const pageWrites = ((PAGES * WRITE_UNITS_A_PAGE) / 1e6) * PRICES.millionWriteUnits;
  const recordWrites = ((RECORDS * WRITE_UNITS_A_RECORD) / 1e6) * PRICES.millionWriteUnits;
  const first = recordWrites + pageWrites + lambda;
  const sweep = pageWrites + reads + lambda;
  const recordsASecond = RECORDS / seconds;
  const dollars = (amount: number) => `$${amount.toFixed(2)}`;
  return `## A million records

Simulated call by call in virtual time, with ${CALL_MS} ms a call, ${WORKERS} workers and ${CALLS_A_MINUTE} calls a minute: a first load takes
${round(seconds / 60, 1)} minutes and ${round(load.calls)} calls, ${round((load.calls / PAGES - 1) * 100, 1)} % more than the number of pages, and uses ${round(load.share * 100)} % of the budget. The plain
loop would take ${round((PAGES * CALL_MS) / 60_000)} minutes just to read.

| in dollars | first load | unchanged sweep | arithmetic |
|---|---|---|---|
| writing records | ${dollars(recordWrites)} | ${dollars(0)} | ${WRITE_UNITS_A_RECORD} M units x $${PRICES.millionWriteUnits}: two in the table, one in each of two indexes |
| checkpoints and ids seen | ${dollars(pageWrites)} | ${dollars(pageWrites)} | ${round(PAGES)} pages x ${WRITE_UNITS_A_PAGE} units |
| comparing | ${dollars(0)} | ${dollars(reads)} | ${READ_UNITS_A_RECORD} M read units x $${PRICES.millionReadUnits} |
| workers | ${dollars(lambda)} | ${dollars(lambda)} | ${WORKERS - 2} x ${round(seconds)} s x ${WORKER_GIGABYTES} GB x $${PRICES.gigabyteSecond} |
| total | ${dollars(first)} | ${dollars(sweep)} | |

Storage: 1.4 KB a record and 0.5 KB in its indexes come to about 1.9 GB, ${dollars(1.9 * PRICES.gigabyteMonth)} a month. A few hundred queue messages cost far less than a
cent. Prices are from AWS's public price lists for us-east-1; units follow DynamoDB's rule of one write unit per KB and one read unit
per 4 KB read consistently.

Which limit comes first:

1. **Autodesk's rate limit**, long before any AWS limit. The budget is one item that every call writes: ${CALLS_A_MINUTE / 60} writes a second, out of the
   1,000 that one partition allows.
2. **Lambda concurrency.** A new account has 10; ${WORKERS} workers need ${WORKERS}. The queue holds what cannot run, so a load is slower but nothing
   fails; the throttling alarm reports it. A normal account has 1,000.
3. **A new table** allows 4,000 write units a second right away, and doubles that within half an hour. ${round(recordsASecond)} records a second
   are ${round(recordsASecond * 2)} units in the table. The client retries refused writes with growing waits.
4. **One partition of an index** allows 1,000 units a second. \`by-update\` is spread over eight shards: ${round(recordsASecond / 8)} a second each.
   \`by-project\` has one key for each project: only a project that gets two thirds of all records at once would reach the limit. Time
   windows mix the projects, and refused writes are retried.
5. **One partition of State** holds a run: its partitions, checkpoints and ids seen, ${round((PAGES * WRITE_UNITS_A_PAGE) / seconds)} units a second.
6. **The five minutes of a function** end a worker at a checkpoint; a message continues the partition. A window does not have to fit in them.
7. **SQS**: one message per window at a time, out of 120,000 that can be in flight.

${scaleOfAllLists({
  callSeconds: CALL_MS / 1_000,
  callsAMinute: CALLS_A_MINUTE,
  workers: WORKERS,
  workerGigabytes: WORKER_GIGABYTES,
  invites: { seconds, calls: load.calls },
  prices: PRICES,
})}`;
}
