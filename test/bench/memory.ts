import { createHash } from 'node:crypto';
import { systemClock } from '../../shared/clock.ts';
import { toAttributes } from '../../shared/records/attribute-value.ts';
import { versionOf } from '../../shared/records/reading.ts';
import type { RecordHead, RecordKey } from '../../shared/records/record.ts';
import { keyText, type RecordVersion } from '../../shared/records/record-store.ts';
import { COMPANY_SCOPE } from '../../shared/resources/resource.ts';
import { InMemoryRecordStore } from '../support/in-memory/record-store.ts';
import { GeneratedInvites } from './generated-invites.ts';
import { createInMemoryMirror, INVITES } from './in-memory-mirror.ts';
import type { TaskResult } from './tasks.ts';

const WORKERS = 12;
const KEYS_A_PAGE = 1_000;

/** A first load and an unchanged sweep over ports that keep one bit a record, so that only the engine's memory grows. */
export async function measureMemory(count: number): Promise<Omit<TaskResult, 'peakMemoryMb'>> {
  const invites = new GeneratedInvites({ count, order: 'by-creation' });
  const records = new ForgetfulRecordStore(invites);
  const mirror = createInMemoryMirror({
    invites,
    records,
    clock: systemClock,
    apiMs: 1,
    tableMs: 0,
    workers: WORKERS,
  });
  const first = await mirror.run('full');
  const sweep = await mirror.run('full');
  const { created } = first.run.totals.counts;
  const { unchanged } = sweep.run.totals.counts;
  if (created !== count || unchanged < count) throw new Error(`${created} created, ${unchanged} unchanged`);
  return {
    tookMs: first.tookMs + sweep.tookMs,
    records: 2 * count,
    apiCalls: first.calls + sweep.calls,
    readUnits: 0,
    writeUnits: 0,
    conditionalWrites: count,
    unconditionalWrites: 0,
  };
}

/** Knows which records were written and works out the rest from the list, as a table elsewhere would know it. */
class ForgetfulRecordStore extends InMemoryRecordStore {
  readonly #invites: GeneratedInvites;
  readonly #written: Uint8Array;

  constructor(invites: GeneratedInvites) {
    super();
    this.#invites = invites;
    this.#written = new Uint8Array(invites.count);
  }

  override async heads(keys: readonly RecordKey[]): Promise<Map<string, RecordHead>> {
    const heads = new Map<string, RecordHead>();
    for (const key of keys) {
      const place = placeOf(key.id);
      if (this.#written[place] !== 1) continue;
      const { contentHash, readAt } = versionOf(
        INVITES,
        COMPANY_SCOPE,
        this.#invites.record(place),
        WRITTEN_AT,
      );
      heads.set(keyText(key), { contentHash, readAt });
    }
    return heads;
  }

  override async create(version: RecordVersion): Promise<'stored'> {
    // What a client would do before it sends the item.
    createHash('md5')
      .update(JSON.stringify(toAttributes(version.data)))
      .digest();
    this.#written[placeOf(version.id)] = 1;
    return 'stored';
  }

  override async *liveKeys(resource: string): AsyncIterable<RecordKey[]> {
    for (let start = 0; start < this.#invites.count; start += KEYS_A_PAGE) {
      const end = Math.min(start + KEYS_A_PAGE, this.#invites.count);
      yield Array.from({ length: end - start }, (_, index) => ({
        resource,
        id: String(this.#invites.record(start + index).id),
      }));
    }
  }

  /** From one shard of eight, as the table does. */
  override async updateSample(): Promise<{ total: number; moments: string[] }> {
    const moments = Array.from({ length: Math.ceil(this.#invites.count / 8) }, (_, index) =>
      String(this.#invites.record(index * 8).updatedAt),
    );
    const isEmpty = this.#written.every((bit) => bit === 0);
    return isEmpty ? { total: 0, moments: [] } : { total: this.#invites.count, moments: moments.sort() };
  }
}

const WRITTEN_AT = '2026-11-21T00:00:00.000Z';

function placeOf(id: string): number {
  return Number(id.slice(-12, -4));
}
