import type { Context } from 'aws-lambda';
import { beforeEach, describe, expect, it } from 'vitest';
import { createPublish } from '../../../functions/publish/publish.ts';
import { isoTime } from '../../../shared/clock.ts';
import { PublishingFailedError } from '../../../shared/lake/errors.ts';
import { NOBODY_PUBLISHES } from '../../../shared/lake/publishing-lease.ts';
import { silentLog } from '../../../shared/observability/log.ts';
import { systemRandomness } from '../../../shared/randomness.ts';
import type { StoredRecord } from '../../../shared/records/record.ts';
import type { RecordScan } from '../../../shared/records/scan/record-scan.ts';
import type { Resource, Scope } from '../../../shared/resources/resource.ts';
import { memoryStateItem } from '../../support/autodesk/memory-state-item.ts';
import { InMemoryLake } from '../../support/in-memory/lake.ts';
import { scanOf } from '../../support/lake/scan-of.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const MINUTE_MS = 60_000;
const LISTS = ['invites', 'projects', 'users'];

let clock: VirtualClock;
let lake: InMemoryLake;
let lease: ReturnType<typeof memoryStateItem<{ untilMs: number }>>;
let records: StoredRecord[];
let scan: RecordScan;

beforeEach(() => {
  clock = new VirtualClock();
  lake = new InMemoryLake();
  lease = memoryStateItem(NOBODY_PUBLISHES);
  records = LISTS.map((resource) => recordOf(resource, 'a'));
  scan = scanOf({ records });
});

describe('the publish function', () => {
  it('publishes every list that is mirrored, with its history', async () => {
    await publish();
    expect(await shown()).toEqual(LISTS.flatMap((name) => [name, `${name}_history`]));
  });

  it('publishes what it is asked for, of what is mirrored', async () => {
    await publish({ trigger: 'publish', resources: ['users', 'bids'] });
    expect(await shown()).toEqual(['users', 'users_history']);
  });

  it('refuses what does not ask for a publication', async () => {
    await expect(publish({ trigger: 'tick' })).rejects.toThrow();
    expect(await shown()).toEqual([]);
  });

  it('writes nothing while nothing has changed', async () => {
    await publish();
    const written = [...lake.files.keys()];
    await publish();
    expect([...lake.files.keys()]).toEqual(written);
  });
});

describe('two at a time', () => {
  it('are never at it: the second one leaves it to the first', async () => {
    await lease.write({ untilMs: clock.now() + 1 }, 0);
    await publish();
    expect(await shown()).toEqual([]);
  });

  it('wait no longer for one that has died than it had time', async () => {
    await lease.write({ untilMs: clock.now() + 15 * MINUTE_MS }, 0);
    clock.jump(15 * MINUTE_MS);
    await publish();
    expect(await shown()).toHaveLength(6);
  });

  it('follow each other at once where the first one is done, or has failed', async () => {
    scan = failingFor('users', 'recordMarks');
    await expect(publish()).rejects.toThrow();
    expect((await lease.read()).value).toEqual(NOBODY_PUBLISHES);
    scan = scanOf({ records });
    await publish();
    expect(await shown()).toContain('users');
  });
});

describe('a list that cannot be published', () => {
  it('keeps no other back, and is told at the end with its reason', async () => {
    scan = failingFor('projects', 'recordMarks');
    const failed = publish();
    await expect(failed).rejects.toBeInstanceOf(PublishingFailedError);
    await expect(failed).rejects.toThrow(/^1 list could not be published: .*projects is broken/);
    expect(await shown()).toEqual([
      'invites',
      'invites_history',
      'projects_history',
      'users',
      'users_history',
    ]);
  });

  it('shows what it showed before', async () => {
    await publish();
    const before = await lake.current('projects');
    records.push(recordOf('projects', 'b'));
    scan = failingFor('projects', 'everyRecord');
    await expect(publish()).rejects.toThrow('projects is broken');
    expect(await lake.current('projects')).toEqual(before);
  });
});

describe('a function whose time is up', () => {
  it('gives up the list that it is at, and begins with the least current one the next time', async () => {
    await publish();
    const published: string[] = [];
    for (const _ of LISTS) {
      clock.jump(MINUTE_MS);
      // All lists change all the time, and there is time for one: a page is a record here.
      records = LISTS.flatMap((resource) => ['a', 'b'].map((id) => recordOf(resource, id)));
      let pages = 0;
      scan = countedBy(scanOf({ records }), () => {
        pages += 1;
      });
      const failed = publish({ trigger: 'publish' }, () => (pages > 2 ? 20_000 : MINUTE_MS));
      await expect(failed).rejects.toThrow('not enough time to publish');
      published.push(...(await freshSince(clock.now())));
    }
    expect(published.sort()).toEqual(LISTS);
  });
});

function publish(event: unknown = { trigger: 'publish' }, timeLeftMs = () => 15 * MINUTE_MS): Promise<void> {
  const handler = createPublish({
    lists: { resources: LISTS, accountIds: [] },
    lease,
    lake,
    clock,
    records: scan,
    extracts: undefined,
    randomness: systemRandomness,
    log: silentLog,
  });
  // All of it that the function looks at.
  return handler(event, { getRemainingTimeInMillis: timeLeftMs } as unknown as Context);
}

function recordOf(resource: string, id: string): StoredRecord {
  return { resource, id, scope: 'company', data: { id }, readAt: isoTime(clock.now()), contentHash: id };
}

/** What is stored, but that one list cannot be read. */
function failingFor(list: string, what: 'recordMarks' | 'everyRecord'): RecordScan {
  const inner = scanOf({ records });
  const checked = <Found>(read: (resource: Resource, scope: Scope) => AsyncIterable<Found>) =>
    async function* (resource: Resource, scope: Scope) {
      if (resource.name === list) throw new Error(`${list} is broken`);
      yield* read(resource, scope);
    };
  return what === 'recordMarks'
    ? { ...inner, recordMarks: checked(inner.recordMarks) }
    : { ...inner, everyRecord: checked(inner.everyRecord) };
}

function countedBy(inner: RecordScan, count: () => void): RecordScan {
  return {
    ...inner,
    async *everyRecord(resource, scope) {
      for await (const page of inner.everyRecord(resource, scope)) {
        count();
        yield page;
      }
    },
  };
}

async function shown(): Promise<string[]> {
  const tables = LISTS.flatMap((name) => [name, `${name}_history`]);
  const current = await Promise.all(tables.map((table) => lake.current(table)));
  return tables.filter((_, index) => current[index] !== undefined);
}

async function freshSince(ms: number): Promise<string[]> {
  const current = await Promise.all(LISTS.map((name) => lake.current(name)));
  return LISTS.filter((_, index) => Date.parse(current[index]?.asOf ?? '') >= ms);
}
