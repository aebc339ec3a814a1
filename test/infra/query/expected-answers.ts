import type { Answer, Value } from '../../../infra/query/query-engine.ts';

/** A record as `ops export --include-deleted` prints it, a line each. */
export interface ExportedRecord {
  resource: string;
  id: string;
  updatedAt?: string | null;
  readAt: string;
  deletedAt?: string;
  data: Record<string, unknown>;
}

type Row = Record<string, Value>;
type Data = Record<string, unknown>;

const DAY_MS = 86_400_000;
const BID_STATES = ['BID_SUBMITTED', 'WON', 'LOST'];

/**
 * The answers to the saved questions by name, computed from exported records without SQL. `versions`: those of the
 * history. `parameters`: as given on the command line; what is missing is as usual.
 */
export function expectedAnswers(
  { records, versions }: { records: readonly ExportedRecord[]; versions: readonly ExportedRecord[] },
  parameters: Readonly<Record<string, string>>,
  nowMs: number,
): Record<string, Row[]> {
  const live = (resource: string) =>
    records
      .filter((record) => record.resource === resource && record.deletedAt === undefined)
      .map(({ id, updatedAt, data }): Data & { id: string } => ({ ...data, updatedAt, id }));
  const projects = new Map(live('projects').map((project) => [project.id, project]));
  const packages = new Map(live('bid-packages').map((each) => [each.id, each]));
  const invites = live('invites');
  const bids = live('bids');
  const opportunities = live('opportunities');
  const { days, bids: fewest = '3', trade = '', project = '', client = '' } = parameters;
  const isWithin = (due: Value, usualDays: string) => {
    const leftMs = Date.parse(String(due)) - nowMs;
    return leftMs >= 0 && leftMs <= Number(days ?? usualDays) * DAY_MS;
  };
  const projectOf = (of: Data | undefined) => projects.get(String(of?.projectId));
  const dueOf = (bidPackage: Data): Value => {
    const own = moment(bidPackage.bidsDueAt);
    const shared = moment(projectOf(bidPackage)?.bidsDueAt);
    return bidPackage.useProjectBidsDueAt === true ? (shared ?? own) : (own ?? shared);
  };
  const bidderOf = (invite: Data | undefined) =>
    text(inside(invite, 'bidderCompany', 'name')) ?? text(invite?.placeholderCompanyName);
  const latestBids = [
    ...groups(
      bids.filter(({ total }) => number(total) !== null),
      (bid) => bid.inviteId,
    ),
  ].flatMap(([, revisions]) => ordered(revisions, [['revision', 'down'], 'id']).slice(0, 1));
  const sent = invites.filter(({ state }) => known(state) && state !== 'NOT_INVITED');
  const count = (rows: readonly Data[], ...states: string[]) =>
    rows.filter(({ state }) => states.includes(String(state))).length;

  return {
    'bid-coverage': ordered(
      [...packages.values()]
        .filter(({ awardedBidId, state }) => !known(awardedBidId) && state === 'PUBLISHED')
        .map((bidPackage) => ({
          bids_due: dueOf(bidPackage),
          project: text(projectOf(bidPackage)?.name),
          package: text(bidPackage.name),
          bids: new Set(
            bids
              .filter((bid) => bid.bidPackageId === bidPackage.id && known(bid.inviteId))
              .map((bid) => bid.inviteId),
          ).size,
          bidding: count(
            invites.filter((invite) => invite.bidPackageId === bidPackage.id),
            'BIDDING',
          ),
          bid_package_id: bidPackage.id,
        }))
        .filter((row) => isWithin(row.bids_due, '14') && row.bids < Number(fewest)),
      ['bids_due', 'project', 'package', 'bid_package_id'],
    ),
    'bid-spread': ordered(
      [...groups(latestBids, (bid) => bid.bidPackageId)].flatMap(([id, all]) => {
        const bidPackage = packages.get(String(id));
        const totals = all.map(({ total }) => Number(total)).filter((total) => total > 0);
        if (bidPackage === undefined || totals.length < 2 || !contains(bidPackage.name, trade)) return [];
        const [lowest, highest] = [Math.min(...totals), Math.max(...totals)];
        return [
          {
            project: text(projectOf(bidPackage)?.name),
            package: text(bidPackage.name),
            bids: totals.length,
            lowest,
            average: rounded(mean(totals), 2),
            highest,
            spread_percent: rounded((100 * (highest - lowest)) / lowest, 1),
            bid_package_id: bidPackage.id,
          },
        ];
      }),
      [['spread_percent', 'down'], 'bid_package_id'],
    ),
    'due-soon': ordered(
      opportunities
        .filter(
          ({ submissionState, isArchived }) =>
            ['UNDECIDED', 'WILL_SUBMIT'].includes(String(submissionState)) && isArchived !== true,
        )
        .map((each) => ({
          due: moment(each.dueAt),
          opportunity: text(each.name),
          client: text(inside(each, 'client', 'company', 'name')),
          trade: text(each.tradeName),
          submission_state: text(each.submissionState),
          opportunity_id: each.id,
        }))
        .filter(({ due }) => isWithin(due, '14')),
      ['due', 'opportunity', 'opportunity_id'],
    ),
    'failed-transfers': failedTransfers([...records, ...versions]),
    'hit-rate': ordered(
      [...groups(opportunities, (each) => text(inside(each, 'client', 'company', 'name')))].flatMap(
        ([name, all]) => {
          if (client !== '' && (name === null || !contains(name, client))) return [];
          const outcomes = (...states: string[]) =>
            all.filter((each) => states.includes(String(inside(each, 'outcome', 'state')))).length;
          const decided = outcomes('WON', 'LOST');
          return [
            {
              client: name ?? 'unknown',
              opportunities: all.length,
              won: outcomes('WON'),
              lost: outcomes('LOST'),
              without_outcome: all.length - decided,
              won_percent: decided === 0 ? null : rounded((100 * outcomes('WON')) / decided, 1),
            },
          ];
        },
      ),
      [['won', 'down'], ['opportunities', 'down'], 'client'],
    ),
    'proposal-summary': ordered(
      [...groups(latestBids, (bid) => bid.bidPackageId)].flatMap(([id, all]) => {
        const bidPackage = packages.get(String(id));
        const name = text(projectOf(bidPackage)?.name);
        if (bidPackage === undefined || (project !== '' && !contains(name, project))) return [];
        return ordered(all, ['total', 'id'])
          .slice(0, 3)
          .map((bid, index) => ({
            project: name,
            package: text(bidPackage.name),
            low: index + 1,
            company: bidderOf(invites.find((invite) => invite.id === bid.inviteId)),
            total: number(bid.total),
            leveled_total: number(bid.leveledTotal),
            submitted: moment(bid.submittedAt),
            bid_id: bid.id,
            order: bidPackage.id,
          }));
      }),
      ['project', 'package', 'order', 'low'],
    ).map(({ order: _only, ...row }) => row),
    'response-rate': ordered(
      [...groups(sent, (invite) => text(invite.bidPackageName))]
        .filter(([name]) => trade === '' || contains(name, trade))
        .map(([name, all]) => {
          const answered = all.length - count(all, 'UNDECIDED');
          return {
            trade: name,
            invited: all.length,
            answered,
            bids: count(all, ...BID_STATES),
            response_percent: rounded((100 * answered) / all.length, 1),
          };
        }),
      [['response_percent', 'down'], ['invited', 'down'], 'trade'],
    ),
    'response-time': ordered(
      [
        ...groups(
          sent.filter(
            ({ state, invitedAt, updatedAt }) =>
              state !== 'UNDECIDED' && known(invitedAt) && known(updatedAt),
          ),
          (invite) => text(invite.bidPackageName),
        ),
      ]
        .filter(([name]) => trade === '' || contains(name, trade))
        .map(([name, all]) => {
          const took = all.map(
            ({ invitedAt, updatedAt }) =>
              (Date.parse(String(updatedAt)) - Date.parse(String(invitedAt))) / DAY_MS,
          );
          return {
            trade: name,
            answered: all.length,
            average_days: rounded(mean(took), 1),
            longest_days: rounded(Math.max(...took), 1),
          };
        }),
      ['average_days', 'trade'],
    ),
    'sub-status': ordered(
      [
        ...groups(sent, ({ projectName, bidPackageName, bidPackageId }) =>
          JSON.stringify([text(projectName), text(bidPackageName), text(bidPackageId)]),
        ).values(),
      ].flatMap((all) => {
        const [first] = all;
        if (project !== '' && !contains(first?.projectName, project)) return [];
        return [
          {
            project: text(first?.projectName),
            package: text(first?.bidPackageName),
            invited: all.length,
            undecided: count(all, 'UNDECIDED'),
            bidding: count(all, 'BIDDING'),
            not_bidding: count(all, 'NOT_BIDDING'),
            submitted: count(all, ...BID_STATES),
            bid_package_id: text(first?.bidPackageId),
          },
        ];
      }),
      ['project', 'package', 'bid_package_id'],
    ),
    unanswered: ordered(
      invites.flatMap((invite) => {
        const bidPackage = packages.get(String(invite.bidPackageId));
        if (invite.state !== 'UNDECIDED' || bidPackage === undefined) return [];
        const due = dueOf(bidPackage);
        if (!isWithin(due, '7')) return [];
        return [
          {
            bids_due: due,
            project: text(projectOf(bidPackage)?.name),
            package: text(bidPackage.name),
            company: bidderOf(invite),
            invite_id: invite.id,
          },
        ];
      }),
      ['bids_due', 'project', 'package', 'company', 'invite_id'],
    ),
  };
}

function failedTransfers(pairs: readonly ExportedRecord[]): Row[] {
  const failed = pairs
    .filter(({ resource }) => resource === 'opportunity-project-pairs')
    .filter(({ data }) => data.fileStatus === 'FAILED' || Boolean(data.fileSyncingError));
  const byMonth = groups(
    failed,
    ({ updatedAt, readAt }) => `${(updatedAt ?? readAt).slice(0, 7)}-01T00:00:00.000Z`,
  );
  return ordered(
    [...byMonth].map(([month, all]) => ({ month, failed_pairs: new Set(all.map(({ id }) => id)).size })),
    ['month'],
  );
}

/**
 * How an answer differs from what is expected, a line for each cell; none where it does not. Numbers that both sides
 * round may differ by a tenth, others by a millionth of what they are.
 */
export async function differences({ columns, rows }: Answer, expected: readonly Row[]): Promise<string[]> {
  const actual = await Array.fromAsync(rows);
  const found = [];
  if (actual.length !== expected.length) found.push(`${actual.length} rows for ${expected.length}`);
  for (const [index, row] of expected.entries()) {
    const names = Object.keys(row);
    if (names.join() !== columns.map(({ name }) => name).join())
      return [`columns ${columns.map(({ name }) => name)}`];
    for (const [place, name] of names.entries()) {
      const [is, should] = [actual[index]?.[place] ?? null, row[name] ?? null];
      if (!isSame(is, should)) found.push(`row ${index}, ${name}: ${is} for ${should}`);
    }
  }
  return found;
}

function isSame(one: Value, other: Value): boolean {
  if (typeof one !== 'number' || typeof other !== 'number') return one === other;
  const isRounded = !Number.isInteger(one) || !Number.isInteger(other);
  return Math.abs(one - other) <= Math.max(isRounded ? 0.1001 : 0, Math.abs(other) * 1e-6);
}

type By<Of> = Extract<keyof Of, string> | [Extract<keyof Of, string>, 'down'];

/** As SQL does: what is null comes last either way. */
function ordered<Of extends Record<string, unknown>>(rows: readonly Of[], by: readonly By<Of>[]): Of[] {
  return rows.toSorted((one, other) => {
    for (const key of by) {
      const [name, isDown] = Array.isArray(key) ? [key[0], true] : [key, false];
      const [a, b]: unknown[] = [one[name] ?? null, other[name] ?? null];
      if (a === b) continue;
      if (a === null || b === null) return a === null ? 1 : -1;
      const isLess = typeof a === 'number' && typeof b === 'number' ? a < b : String(a) < String(b);
      return isLess === isDown ? 1 : -1;
    }
    return 0;
  });
}

function groups<Of, Key>(rows: readonly Of[], keyOf: (row: Of) => Key): Map<Key, Of[]> {
  return Map.groupBy(rows, keyOf);
}

function inside(data: Data | undefined, ...path: string[]): unknown {
  let value: unknown = data;
  for (const name of path)
    value = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
  return value;
}

function known(value: unknown): boolean {
  return value !== null && value !== undefined;
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function number(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}

function moment(value: unknown): string | null {
  return typeof value === 'string' ? new Date(value).toISOString() : null;
}

function contains(value: unknown, part: string): boolean {
  return typeof value === 'string' && value.toLowerCase().includes(part.toLowerCase());
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function rounded(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}
