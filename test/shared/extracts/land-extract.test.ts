import { beforeEach, describe, expect, it } from 'vitest';
import {
  type ExtractFile,
  largeFile,
  sha256Of,
  textFile,
} from '../../../infra/sandbox/data/extract-files.ts';
import { requestLandings } from '../../../shared/extracts/landing/request-landing.ts';
import { ACCOUNT, dropUploads, JOB, LandingWorld, REQUEST } from '../../support/extracts/landing-world.ts';

const MIB = 1024 * 1024;
const FOLDER = `extracts/${ACCOUNT}/${REQUEST}`;
const users = textFile('admin_users.csv', 'id,name\n1,Ann\n');
const issues = textFile('issues_issues.csv', 'id\n7\n');
/** Seven parts, the last of them short. */
const large = largeFile('activities_all.csv', 33 * MIB + 5);

let world: LandingWorld;

beforeEach(() => {
  world = new LandingWorld();
});

async function manifestOf(jobId = JOB) {
  return world.landed.find({ accountId: ACCOUNT, requestId: REQUEST, jobId });
}

const hashes = new Map<ExtractFile, string>();

function landedAs(...files: ExtractFile[]) {
  return files.map((file) => {
    const sha256 = hashes.get(file) ?? sha256Of(file);
    hashes.set(file, sha256);
    return { name: file.name, size: file.size, sha256 };
  });
}

describe('landing the files of a job', () => {
  it('stores each of them but the archive, then the manifest, then the pointer of the request', async () => {
    await world.jobEnds([issues, users, large, textFile('autodesk_data_extract.zip', 'PK')]);
    await world.settle();

    expect([...world.store.files.keys()]).toEqual([
      `${FOLDER}/${JOB}/activities_all.csv`,
      `${FOLDER}/${JOB}/admin_users.csv`,
      `${FOLDER}/${JOB}/issues_issues.csv`,
      `${FOLDER}/${JOB}/manifest.json`,
      `${FOLDER}/latest.json`,
    ]);
    expect(await world.landed.latest()).toEqual([
      {
        ...{ accountId: ACCOUNT, requestId: REQUEST, jobId: JOB, endedAt: '2026-11-22T08:00:00.000Z' },
        files: landedAs(large, users, issues),
        refused: [],
      },
    ]);
    expect(await world.landings.ended(ACCOUNT)).toMatchObject([{ outcome: 'landed', jobId: JOB }]);
  });

  it('asks for an address right before each transfer', async () => {
    await world.jobEnds([issues, users]);
    await world.settle();

    expect(world.events).toEqual([
      'list',
      'ask admin_users.csv',
      'get admin_users.csv from 0',
      'ask issues_issues.csv',
      'get issues_issues.csv from 0',
      'list',
    ]);
  });

  it('lands an empty file', async () => {
    const empty = textFile('metadata.csv', '');
    await world.jobEnds([empty]);
    await world.settle();

    expect((await manifestOf())?.files).toEqual(landedAs(empty));
  });

  it.each([16 * MIB, 16 * MIB + 1])('lands a file of %i bytes', async (size) => {
    const file = largeFile('medium.csv', size);
    await world.jobEnds([file]);
    await world.settle();

    expect((await manifestOf())?.files).toEqual(landedAs(file));
    expect(world.transfers()).toEqual(['get medium.csv from 0']);
  });

  it('lands a file that is exactly as long as some parts', async () => {
    const even = largeFile('even.csv', 25 * MIB);
    await world.jobEnds([even]);
    await world.settle();

    expect((await manifestOf())?.files).toEqual(landedAs(even));
  });

  it('lands a job once, however often its message comes', async () => {
    await world.jobEnds([users]);
    await world.settle();
    const before = world.events.length;

    await world.jobEnds([users]);
    await world.serve();

    expect(world.events).toHaveLength(before);
  });

  it('points a request to the job that ended last, whichever was landed last', async () => {
    await world.jobEnds([users], 'job-1');
    world.nowMs += 60_000;
    await world.jobEnds([issues], 'job-2');
    await world.serve('job-2');
    await world.serve('job-1');

    expect(await manifestOf('job-1')).toBeDefined();
    expect((await world.landed.latest()).map(({ jobId }) => jobId)).toEqual(['job-2']);
  });

  it('refuses names that are no file names, with the reason, and lands the others', async () => {
    const names = [
      '../../etc/passwd',
      'a/b.csv',
      'c\\d.csv',
      '..',
      '.hidden',
      'manifest.json',
      'a\u0000.csv',
      '',
    ];
    const long = `${'x'.repeat(201)}.csv`;
    await world.jobEnds([...names, long].map((name) => textFile(name, 'x')).concat(users));
    await world.settle();

    const manifest = await manifestOf();
    expect(manifest?.files).toEqual(landedAs(users));
    expect(manifest?.refused).toHaveLength(names.length + 1);
    expect(manifest?.refused[0]).toEqual({ name: '../../etc/passwd', reason: 'the name holds a path' });
    expect([...world.store.files.keys()].every((key) => key.startsWith(`${FOLDER}/`))).toBe(true);
    expect(world.events.filter((event) => event.startsWith('ask'))).toEqual(['ask admin_users.csv']);
  });

  it('refuses the second of two files of one name', async () => {
    await world.jobEnds([users, textFile('ADMIN_users.csv', 'other')]);
    await world.settle();

    expect(await manifestOf()).toMatchObject({
      files: landedAs(users),
      refused: [{ name: 'ADMIN_users.csv', reason: 'another file has the same name' }],
    });
  });
});

describe('a job with nothing to land', () => {
  it.each(['failed', 'cancelled'])('is noted once when it has %s', async (completionStatus) => {
    await world.jobEnds([users], JOB, completionStatus);
    await world.jobEnds([users], JOB, completionStatus);
    await world.settle();

    expect(world.store.files.size).toBe(0);
    expect(world.events).toEqual([]);
    expect(await world.landings.ended(ACCOUNT)).toMatchObject([
      { outcome: 'nothing', reason: 'The job did not succeed.' },
    ]);
  });

  it.each([
    ['an empty listing', []],
    ['an archive alone', [textFile('autodesk_data_extract.zip', 'PK')]],
  ])('is noted when it has %s', async (_what, files) => {
    await world.jobEnds(files);
    await world.settle();

    expect(world.store.files.size).toBe(0);
    expect(await world.landings.ended(ACCOUNT)).toMatchObject([{ outcome: 'nothing', files: [] }]);
  });

  it('is believed when Autodesk knows no listing the second time', async () => {
    await world.jobEnds([users]);
    world.files.delete(JOB);
    await world.serve();
    expect(await world.landings.open(ACCOUNT)).toMatchObject([
      { attempts: 1, error: { code: 'NO_LISTING' } },
    ]);
    await world.settle();

    expect(await world.landings.ended(ACCOUNT)).toMatchObject([{ outcome: 'nothing' }]);
  });

  it('is left alone when it ended more than a week ago, or is not over', async () => {
    const old = { completedAt: '2026-11-14T08:00:00.000Z', status: 'complete', completionStatus: 'success' };
    await requestLandings(
      ACCOUNT,
      [
        { id: 'old', requestId: REQUEST, ...old },
        { id: 'running', requestId: REQUEST, status: 'running', createdAt: '2026-11-22T07:00:00.000Z' },
        { id: '..', requestId: REQUEST, ...old, completedAt: '2026-11-22T07:00:00.000Z' },
        null,
      ],
      world.ports,
    );

    expect(world.fetchQueue.waiting).toEqual([]);
  });
});

describe('a landing that is interrupted', () => {
  it.each([2, 10, 20, 30])(
    'goes on in the file it was at, after a death at %i MiB, and starts none again that was done',
    async (mib) => {
      world.faults.set(large.name, [{ kind: 'death', afterBytes: mib * MIB }]);
      const first = textFile('aaa.csv', 'first');
      await world.jobEnds([first, large, users]);
      await world.settle();

      expect((await manifestOf())?.files).toEqual(landedAs(first, large, users));
      expect(world.transfers().filter((event) => event.includes(first.name))).toHaveLength(1);
      // Progress is stored with the first part, then every 64 MiB or 15 seconds.
      const goesOnAt = mib < 5 ? 0 : 5 * MIB;
      expect(world.transfers()).toContain(`get ${large.name} from ${goesOnAt}`);
    },
  );

  it('goes on with the next part in another message when the time of the function is up', async () => {
    world.partCostsMs = 100_000;
    await world.jobEnds([large, users]);
    const served: number[] = [];
    while ((await world.landings.open(ACCOUNT)).length > 0 && served.length < 10) {
      world.timeLeftMs = 250_000;
      const [message] = world.fetchQueue.waiting.splice(0);
      expect(message?.message).toMatchObject({ kind: 'land-extract', jobId: JOB });
      await world.serve();
      served.push((await world.landings.open(ACCOUNT))[0]?.upload?.tags.length ?? 0);
    }

    expect(served.slice(0, 3)).toEqual([3, 6, 0]);
    expect((await manifestOf())?.files).toEqual(landedAs(large, users));
    expect(world.transfers()).toEqual([
      `get ${large.name} from 0`,
      `get ${large.name} from ${15 * MIB}`,
      `get ${large.name} from ${30 * MIB}`,
      `get ${users.name} from 0`,
    ]);
  });

  it('starts a file again whose upload was dropped meanwhile', async () => {
    world.faults.set(large.name, [{ kind: 'death', afterBytes: 20 * MIB }]);
    await world.jobEnds([large]);
    await expect(world.serve()).rejects.toThrow('killed');
    dropUploads(world);
    await world.settle();

    expect((await manifestOf())?.files).toEqual(landedAs(large));
  });

  it('is left to the worker that has it, as long as its lease lives', async () => {
    await world.jobEnds([users]);
    const [open] = await world.landings.open(ACCOUNT);
    if (open === undefined) throw new Error('There is no landing.');
    await world.landings.save({ ...open, lease: { owner: 'other', untilMs: world.nowMs + 60_000 } });

    await world.serve();
    expect(world.events).toEqual([]);
    await world.settle();
    expect(await manifestOf()).toBeDefined();
  });

  it('stores nothing more once another worker has taken over', async () => {
    await world.jobEnds([users]);
    world.before.set(`get ${users.name} from 0`, () => {
      void world.landings.open(ACCOUNT).then(([open]) => {
        if (open !== undefined) void world.landings.save({ ...open, lease: { owner: 'other', untilMs: 0 } });
      });
    });
    await world.serve();

    expect(await manifestOf()).toBeUndefined();
    expect(await world.landings.open(ACCOUNT)).toMatchObject([{ attempts: 0, lease: { owner: 'other' } }]);
  });

  it('has one landing of an account at a time, and asks for the next when one is done', async () => {
    await world.jobEnds([users], 'job-1');
    await world.jobEnds([issues], 'job-2');
    world.fetchQueue.waiting.length = 0;
    world.before.set(`get ${users.name} from 0`, () => {
      void world.serve('job-2');
    });

    await world.serve('job-1');

    expect(world.transfers()).toEqual([`get ${users.name} from 0`]);
    expect(world.fetchQueue.waiting.map(({ message }) => message)).toEqual([
      { kind: 'land-extract', accountId: ACCOUNT, requestId: REQUEST, jobId: 'job-2' },
    ]);
  });
});

describe('a transfer that goes wrong', () => {
  it('asks for another address when one has expired, and does not try the same again', async () => {
    world.faults.set(users.name, [{ kind: 'expired' }]);
    await world.jobEnds([users]);
    await world.settle();

    expect(world.events.filter((event) => event === `ask ${users.name}`)).toHaveLength(2);
    expect((await manifestOf())?.files).toEqual(landedAs(users));
    expect((await world.landings.ended(ACCOUNT))[0]?.outcome).toBe('landed');
  });

  it('goes on from its last part when the connection is cut, with another address', async () => {
    world.faults.set(large.name, [
      { kind: 'cut', afterBytes: 22 * MIB },
      { kind: 'cut', afterBytes: 32 * MIB },
    ]);
    await world.jobEnds([large]);
    await world.serve();

    expect(world.transfers()).toEqual([0, 20, 30].map((mib) => `get ${large.name} from ${mib * MIB}`));
    expect(world.events.filter((event) => event.startsWith('ask'))).toHaveLength(3);
    expect((await manifestOf())?.files).toEqual(landedAs(large));
  });

  it('tries later when three transfers brought no part', async () => {
    world.faults.set(users.name, Array(3).fill({ kind: 'cut', afterBytes: 1 }));
    await world.jobEnds([users]);
    await world.serve();

    expect(await world.landings.open(ACCOUNT)).toMatchObject([
      { attempts: 1, error: { code: 'DOWNLOAD_FAILED' }, dueAt: '2026-11-22T08:01:00.000Z' },
    ]);
    await world.settle();
    expect((await manifestOf())?.files).toEqual(landedAs(users));
  });

  it.each(['longer', 'shorter'] as const)(
    'does not take a file for whole that is %s than said',
    async (kind) => {
      world.faults.set(users.name, [{ kind }]);
      await world.jobEnds([users]);
      await world.serve();

      expect(world.store.files.size).toBe(0);
      expect(await world.landings.open(ACCOUNT)).toMatchObject([{ error: { code: 'SIZE_MISMATCH' } }]);
      await world.settle();
      expect((await manifestOf())?.files).toEqual(landedAs(users));
    },
  );

  it('begins a large file again that was not as long as said, and keeps no part of the other', async () => {
    world.faults.set(large.name, [{ kind: 'shorter' }]);
    await world.jobEnds([large]);
    await world.serve();

    expect(world.store.uploads.size).toBe(0);
    expect((await world.landings.open(ACCOUNT))[0]?.upload).toBeUndefined();
    await world.settle();
    expect((await manifestOf())?.files).toEqual(landedAs(large));
  });

  it('does not land a file whose size is told in two ways', async () => {
    await world.jobEnds([users]);
    world.files.set(JOB, [users]);
    world.before.set(`ask ${users.name}`, () => world.files.set(JOB, [{ ...users, saidSize: 99 }]));
    await world.serve();

    expect(await world.landings.open(ACCOUNT)).toMatchObject([{ error: { code: 'SIZE_MISMATCH' } }]);
    expect(world.transfers()).toEqual([]);
  });

  it('publishes nothing of a listing that changes meanwhile, and lands what has changed', async () => {
    const longer = textFile(users.name, 'id,name\n1,Ann\n2,Bo\n');
    await world.jobEnds([issues, users]);
    world.before.set(`get ${issues.name} from 0`, () => world.files.set(JOB, [issues, longer]));
    await world.serve();

    expect(await manifestOf()).toBeUndefined();
    expect(await world.landings.open(ACCOUNT)).toMatchObject([{ error: { code: 'LISTING_CHANGED' } }]);
    await world.settle();
    expect((await manifestOf())?.files).toEqual(landedAs(longer, issues));
    expect(world.transfers().filter((event) => event.includes(issues.name))).toHaveLength(1);
  });

  it.each(['cut', 'death'] as const)(
    'begins a file again that was stored in one go, and keeps nothing of it, after a %s',
    async (kind) => {
      const medium = largeFile('medium.csv', 12 * MIB);
      world.faults.set(medium.name, [{ kind, afterBytes: 10 * MIB }]);
      world.before.set(`ask ${medium.name}`, () =>
        world.before.set(`ask ${medium.name}`, () => expect(world.store.files.size).toBe(0)),
      );
      await world.jobEnds([medium]);
      await world.settle();

      expect(world.store.uploads.size).toBe(0);
      expect(world.transfers()).toEqual(Array(2).fill(`get ${medium.name} from 0`));
      expect((await manifestOf())?.files).toEqual(landedAs(medium));
    },
  );

  it('waits for room when the store is full, and keeps what is there', async () => {
    world.store.room = 20 * MIB;
    await world.jobEnds([textFile('aaa.csv', 'first'), large]);
    await world.serve();
    expect(await world.landings.open(ACCOUNT)).toMatchObject([
      { attempts: 1, error: { code: 'STORAGE_FULL' }, upload: { tags: ['tag-1', 'tag-2', 'tag-3'] } },
    ]);

    world.store.room = 100 * MIB;
    await world.settle();
    expect((await manifestOf())?.files).toEqual(landedAs(textFile('aaa.csv', 'first'), large));
    expect(world.transfers().filter((event) => event.startsWith('get aaa.csv'))).toHaveLength(1);
  });
});

describe('a landing that keeps failing', () => {
  it('is tried five times within two hours, then once a day, and is given up when Autodesk deletes the files', async () => {
    world.store.room = 0;
    await world.jobEnds([users]);
    const startMs = world.nowMs;
    const attempts = new Map<number, number>();
    for (let minute = 0; minute < 32 * 24 * 60; minute += 10) {
      await world.settle(1 / 6);
      const [open] = await world.landings.open(ACCOUNT);
      attempts.set(Math.floor((world.nowMs - startMs) / 86_400_000), open?.attempts ?? -1);
      if (open === undefined) break;
    }

    expect(attempts.get(0)).toBe(5);
    expect(attempts.get(10)).toBe(15);
    expect(await world.landings.ended(ACCOUNT)).toMatchObject([
      { outcome: 'lost', reason: 'There is no room left for extracts.' },
    ]);
    expect(world.alertQueue.sent.length).toBeGreaterThan(0);
  });
});
