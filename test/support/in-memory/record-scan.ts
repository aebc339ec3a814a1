import type { StoredRecord, StoredVersion } from '../../../shared/records/record.ts';
import { keyText } from '../../../shared/records/record-store.ts';
import type { RecordScan } from '../../../shared/records/scan/record-scan.ts';
import { listNamesOf } from '../../../shared/resources/registry.ts';
import type { Resource, Scope } from '../../../shared/resources/resource.ts';
import type { InMemoryRecordStore } from './record-store.ts';

/** All that a store in memory holds. */
export class InMemoryRecordScan implements RecordScan {
  readonly #store: InMemoryRecordStore;

  constructor(store: InMemoryRecordStore) {
    this.#store = store;
  }

  async *recordMarks({ name }: Resource, scope: Scope): AsyncIterable<string> {
    for (const { record, listHash } of this.#store.recordsNow(name, scope)) {
      yield [keyText(record), record.contentHash, record.deletedAt, listHash].join(' ');
    }
  }

  async *everyRecord(resource: Resource, scope: Scope): AsyncIterable<StoredRecord[]> {
    for (const name of listNamesOf(resource)) {
      for (const { record } of this.#store.recordsNow(name, scope)) yield [record];
    }
  }

  async *versionMarks(resource: Resource, scope: Scope): AsyncIterable<string> {
    for await (const versions of this.everyVersion(resource, scope)) {
      yield* versions.map((version) => `${keyText(version)} ${version.readAt} ${version.contentHash}`);
    }
  }

  async *everyVersion(resource: Resource, scope: Scope): AsyncIterable<StoredVersion[]> {
    for (const name of listNamesOf(resource)) yield this.#store.versionsNow(name, scope);
  }
}
