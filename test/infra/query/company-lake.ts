import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jsonLine } from '../../../infra/ops/commands/records/export-lines.ts';
import { DuckDbEngine } from '../../../infra/query/duckdb-engine.ts';
import { makeCompany } from '../../../infra/sandbox/company/company.ts';
import { isoTime, systemClock } from '../../../shared/clock.ts';
import type { JsonObject } from '../../../shared/json.ts';
import { FolderLake } from '../../../shared/lake/folder-lake.ts';
import { publishTables } from '../../../shared/lake/publish.ts';
import { systemRandomness } from '../../../shared/randomness.ts';
import { versionOf } from '../../../shared/records/reading.ts';
import type { StoredRecord, StoredVersion } from '../../../shared/records/record.ts';
import { requireResource } from '../../../shared/resources/registry.ts';
import { COMPANY_SCOPE } from '../../../shared/resources/resource.ts';
import { scanOf } from '../../support/lake/scan-of.ts';
import type { ExportedRecord } from './expected-answers.ts';

/** When the company is looked at, and its records were read. */
export const NOW_MS = Date.parse('2026-11-20T10:00:00.000Z');
const READ_AT = isoTime(NOW_MS);
const DAY_MS = 86_400_000;
const SCALE = { projects: 24, pairs: 60, invites: 400, forms: 6, requests: 5, jobs: 6 };

const LISTS = ['projects', 'bid-packages', 'invites', 'bids', 'opportunities', 'opportunity-project-pairs'];

export interface Stored {
  records: StoredRecord[];
  versions: StoredVersion[];
}

/** The sandbox's company as it is stored. */
export function sandboxRecords(): StoredRecord[] {
  const company = makeCompany('questions', SCALE, ['a1'], NOW_MS);
  const rows: [string, JsonObject[]][] = [
    ['projects', company.projects],
    ['bid-packages', company.bidPackages],
    ['invites', company.invites],
    ['bids', company.bids],
    ['opportunities', company.opportunities],
    ['opportunity-project-pairs', company.pairs],
  ];
  return rows.flatMap(([list, all]) => all.map((row) => stored(list, row)));
}

/** The same with what the sandbox does not have by itself: see the comments. */
export function companyRecords(): Stored {
  const records = sandboxRecords();
  const add = (list: string, row: JsonObject, of: Partial<StoredRecord> = {}) =>
    records.push({ ...stored(list, row), ...of });
  const inDays = (days: number) => isoTime(NOW_MS + days * DAY_MS);

  // Dates of a package that do not hold, because it uses its project's; that hold; and that stand in for none.
  add('projects', { id: 'soon', name: 'Dated Soon', bidsDueAt: inDays(3) });
  add('projects', { id: 'later', name: 'Dated Later', bidsDueAt: inDays(60) });
  add('projects', { id: 'never', name: 'Dated Never', bidsDueAt: null });
  for (const [project, own, useProjectBidsDueAt] of [
    ['soon', 60, true],
    ['soon', 60, false],
    ['soon', null, false],
    ['later', 3, true],
    ['later', 3, false],
    ['later', 3, null],
    ['never', 3, true],
    ['never', null, true],
    ['gone', 3, true],
  ] as const) {
    const id = `${project}-${own}-${useProjectBidsDueAt}`;
    const bidsDueAt = own === null ? null : inDays(own);
    const bidPackage = {
      id,
      projectId: project,
      name: `Own ${id}`,
      state: 'PUBLISHED',
      useProjectBidsDueAt,
      bidsDueAt,
    };
    add('bid-packages', bidPackage);
    add('invites', {
      id: `i-${id}`,
      bidPackageId: id,
      state: 'UNDECIDED',
      placeholderCompanyName: 'Nobody Yet',
    });
  }

  // What is deleted, awarded or a draft; a bid without a sum, of nothing, and with a quote in its company's name.
  const due = { projectId: 'soon', name: "O'Hara", useProjectBidsDueAt: true };
  add('bid-packages', { ...due, id: 'deleted', state: 'PUBLISHED' }, { deletedAt: READ_AT });
  add('bid-packages', { ...due, id: 'awarded', state: 'PUBLISHED', awardedBidId: 'b' });
  add('bid-packages', { ...due, id: 'draft', state: 'DRAFT' });
  add('bid-packages', { ...due, id: 'open', state: 'PUBLISHED' });
  add('invites', { id: 'i-deleted', bidPackageId: 'open', state: 'BIDDING' }, { deletedAt: READ_AT });
  add('invites', {
    id: 'i-quoted',
    projectName: 'Dated Soon',
    bidPackageId: 'open',
    bidPackageName: "O'Hara",
    state: 'WON',
    bidderCompany: { id: 'c', name: "O'Hara & Sons" },
    invitedAt: inDays(-10),
    updatedAt: inDays(-3),
  });
  for (const [id, inviteId, revision, total] of [
    ['b-none', 'i-none', 0, null],
    ['b-free', 'i-free', 0, 0],
    ['b-first', 'i-quoted', 0, 900],
    ['b-second', 'i-quoted', 1, 1_000.5],
    ['b-other', 'i-other', 0, 2_001],
  ] as const) {
    add('bids', { id, inviteId, revision, total, bidPackageId: 'open' });
  }
  add(
    'bids',
    { id: 'b-gone', inviteId: 'i-gone', revision: 0, total: 5, bidPackageId: 'open' },
    { deletedAt: READ_AT },
  );
  add('opportunities', { id: 'o-unknown', name: 'Unknown', outcome: { state: 'OTHER' }, client: null });
  add('opportunities', {
    id: 'o-archived',
    submissionState: 'UNDECIDED',
    dueAt: inDays(2),
    isArchived: true,
  });
  return { records, versions: failedOnce(records) };
}

/** Pairs that work now and did not in other months, twice in one of them. */
function failedOnce(records: readonly StoredRecord[]): StoredVersion[] {
  const working = records.filter(({ data }) => data.fileStatus === 'SUCCESS').slice(0, 3);
  return working.flatMap((pair, index) =>
    ['2026-05-02', `2026-05-1${index}`, '2026-08-31'].map((day): StoredVersion => {
      const updatedAt = `${day}T23:59:59.999Z`;
      const data = { ...pair.data, updatedAt, fileStatus: 'FAILED' };
      return { ...pair, data, updatedAt, readAt: updatedAt, replacedAt: READ_AT };
    }),
  );
}

function stored(list: string, row: JsonObject): StoredRecord {
  return versionOf(requireResource(list), COMPANY_SCOPE, row, READ_AT);
}

/** As `ops export` prints them. */
export function exported(records: readonly StoredRecord[]): ExportedRecord[] {
  return records.map((record) => JSON.parse(jsonLine(record)));
}

/** Publishes what is stored into a folder of its own, and answers what to ask about it with. */
export async function lakeOf(given: Stored, lists: readonly string[] = LISTS) {
  const folder = await mkdtemp(join(tmpdir(), 'lake-'));
  await publishInto(folder, given, lists);
  return {
    folder,
    engine: new DuckDbEngine(new FolderLake(folder), folder),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

export async function publishInto(
  folder: string,
  given: Stored,
  lists: readonly string[] = LISTS,
): Promise<void> {
  const ports = {
    records: scanOf(given),
    lake: new FolderLake(folder),
    clock: systemClock,
    randomness: systemRandomness,
    timeLeftMs: () => Number.POSITIVE_INFINITY,
  };
  for (const list of lists) {
    for (const kind of ['records', 'history'] as const) {
      await publishTables({ kind, resource: requireResource(list), scopes: [COMPANY_SCOPE] }, ports);
    }
  }
}
