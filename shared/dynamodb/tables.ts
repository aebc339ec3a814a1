/**
 * The two tables as data: CDK deploys them and the local stack creates them from the same description.
 * docs/data-model.md tells what lies under which key.
 */

/** Raised with every change of key or meaning that an older version would misread. */
export const SCHEMA_VERSION = 1;

export interface TableIndex {
  name: string;
  partitionKey: string;
  sortKey: string;
  /** Attributes copied into the index beside the keys; few, because each copy is paid for. */
  include: readonly string[];
}

export interface TableDescription {
  partitionKey: string;
  sortKey: string;
  indexes: readonly TableIndex[];
}

/** The mirror. All key attributes are strings. */
export const RECORDS_TABLE = {
  partitionKey: 'pk',
  sortKey: 'sk',
  indexes: [
    /** A project's records of every resource. */
    { name: 'by-project', partitionKey: 'project', sortKey: 'pk', include: ['contentHash'] },
    /** A resource's records in the order of their update, in shards (shared/records/shards.ts); deleted ones in a shard apart. */
    { name: 'by-update', partitionKey: 'feed', sortKey: 'feedAt', include: ['contentHash'] },
    /** Records that people may have to be told about; sparse. */
    { name: 'attention', partitionKey: 'attention', sortKey: 'feedAt', include: ['contentHash'] },
  ],
} as const satisfies TableDescription;

/** Runs, partitions, watermarks, leases, callbacks, incidents, quarantine. `expiresAt` is the TTL attribute on AWS. */
export const STATE_TABLE = {
  partitionKey: 'pk',
  sortKey: 'sk',
  indexes: [],
} as const satisfies TableDescription;
