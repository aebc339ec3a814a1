import { DynamoDocuments } from '../../dynamodb/documents.ts';
import type { Table } from '../../dynamodb/table.ts';
import type { Scope } from '../../resources/resource.ts';
import { type JobDigest, type JobDigestStore, jobDigest } from './failed-jobs.ts';

/** In the State table: `incident#job-digest` / account id. */
export class DynamoJobDigestStore implements JobDigestStore {
  readonly #digests: DynamoDocuments<JobDigest>;

  constructor(stateTable: Table) {
    this.#digests = new DynamoDocuments(stateTable, 'incident#job-digest', jobDigest);
  }

  read(accountId: Scope): Promise<JobDigest | undefined> {
    return this.#digests.get(accountId);
  }

  write(accountId: Scope, digest: JobDigest): Promise<void> {
    return this.#digests.replace(accountId, digest);
  }
}
