import type { StoredRecord, StoredVersion } from '../../../shared/records/record.ts';
import type { RecordScan } from '../../../shared/records/scan/record-scan.ts';
import { listNamesOf } from '../../../shared/resources/registry.ts';

/** All that is stored, as a test says it; what it holds may be changed between two readings. */
export function scanOf(stored: { records: StoredRecord[]; versions?: StoredVersion[] }): RecordScan {
  const recordsOf = (names: readonly string[], scope: string) =>
    stored.records.filter((record) => names.includes(record.resource) && record.scope === scope);
  const versionsOf = (names: readonly string[], scope: string) =>
    (stored.versions ?? []).filter((version) => names.includes(version.resource) && version.scope === scope);
  return {
    async *recordMarks(resource, scope) {
      for (const record of recordsOf(listNamesOf(resource), scope)) yield JSON.stringify(record);
    },
    async *everyRecord(resource, scope) {
      for (const record of recordsOf(listNamesOf(resource), scope)) yield [record];
    },
    async *versionMarks(resource, scope) {
      for (const version of versionsOf(listNamesOf(resource), scope)) yield JSON.stringify(version);
    },
    async *everyVersion(resource, scope) {
      for (const version of versionsOf(listNamesOf(resource), scope)) yield [version];
    },
  };
}
