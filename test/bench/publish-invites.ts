import { createHash } from 'node:crypto';
import { systemClock } from '../../shared/clock.ts';
import { FolderLake } from '../../shared/lake/folder-lake.ts';
import type { Lake } from '../../shared/lake/lake.ts';
import { publishTables } from '../../shared/lake/publish.ts';
import { systemRandomness } from '../../shared/randomness.ts';
import type { StoredRecord } from '../../shared/records/record.ts';
import type { RecordScan } from '../../shared/records/scan/record-scan.ts';
import { COMPANY_SCOPE } from '../../shared/resources/resource.ts';
import { GeneratedInvites } from './generated-invites.ts';
import { INVITES } from './in-memory-mirror.ts';
import type { TaskResult } from './tasks.ts';

/** What a scan of the table hands over at once. */
const RECORDS_A_PAGE = 800;
const READ_AT = '2026-11-21T00:00:00.000Z';

/** Publishes generated invites once, into a folder, and counts the bytes: no table and no network. */
export async function publishInvites(
  count: number,
  folder: string,
): Promise<Omit<TaskResult, 'peakMemoryMb'>> {
  const invites = new GeneratedInvites({ count, order: 'scattered' });
  let writtenBytes = 0;
  const lake = new FolderLake(folder);
  const counting: Lake = {
    names: (prefix) => lake.names(prefix),
    current: (table) => lake.current(table),
    write(table, publication, file, bytes) {
      writtenBytes += bytes.length;
      return lake.write(table, publication, file, bytes);
    },
    show: (table, next) => lake.show(table, next),
    discard: (table, before) => lake.discard(table, before),
  };
  const startedMs = performance.now();
  const before = process.cpuUsage();
  const { rows } = await publishTables(
    { kind: 'records', resource: INVITES, scopes: [COMPANY_SCOPE] },
    {
      records: scanOf(invites),
      lake: counting,
      clock: systemClock,
      randomness: systemRandomness,
      timeLeftMs: () => Number.POSITIVE_INFINITY,
    },
  );
  const tookMs = performance.now() - startedMs;
  const { user, system } = process.cpuUsage(before);
  if (rows !== count) throw new Error(`${rows} rows of ${count} invites.`);
  return {
    tookMs,
    records: rows,
    writtenBytes,
    processorMs: (user + system) / 1_000,
    apiCalls: 0,
    readUnits: 0,
    writeUnits: 0,
    conditionalWrites: 0,
    unconditionalWrites: 0,
  };
}

/** The records are made while they are read, so that the memory is that of publishing. */
function scanOf(invites: GeneratedInvites): RecordScan {
  const recordAt = (place: number): StoredRecord => {
    const data = invites.record(place);
    return {
      resource: INVITES.name,
      scope: COMPANY_SCOPE,
      id: String(data.id),
      projectId: String(data.projectId),
      updatedAt: String(data.updatedAt),
      readAt: READ_AT,
      contentHash: createHash('sha256').update(String(place)).digest('base64url'),
      data,
    };
  };
  return {
    async *recordMarks() {
      for (let place = 0; place < invites.count; place += 1) {
        const { id, updatedAt, contentHash } = recordAt(place);
        yield `${id} ${updatedAt} ${contentHash}`;
      }
    },
    async *everyRecord() {
      for (let start = 0; start < invites.count; start += RECORDS_A_PAGE) {
        const length = Math.min(RECORDS_A_PAGE, invites.count - start);
        yield Array.from({ length }, (_, index) => recordAt(start + index));
      }
    },
    async *versionMarks() {},
    async *everyVersion() {},
  };
}
