import { createHash } from 'node:crypto';

/** One partition key of DynamoDB takes 1,000 writes a second, so the records of a list are spread over so many. */
export const SHARDS = 8;

/** The shard of a list that a record is in, 0 to `SHARDS` - 1. */
export function shardOf(id: string): number {
  return createHash('sha256').update(id).digest().readUInt16BE(0) % SHARDS;
}
