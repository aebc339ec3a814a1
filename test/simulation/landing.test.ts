import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { type ExtractFile, largeFile, sha256Of, textFile } from '../../infra/sandbox/data/extract-files.ts';
import { type SeededRandomness, seededRandomness } from '../../infra/sandbox/seed/seeded-randomness.ts';
import { resumeLandings } from '../../shared/extracts/landing/request-landing.ts';
import { fileKey, manifest, manifestKey } from '../../shared/extracts/manifest.ts';
import { readText } from '../../shared/extracts/object-store.ts';
import {
  ACCOUNT,
  DeathError,
  dropUploads,
  LandingWorld,
  REQUEST,
} from '../support/extracts/landing-world.ts';

const MIB = 1024 * 1024;
const HISTORIES = 8;
const JOBS = ['job-1', 'job-2'];

/** One landing of two jobs with everything that chance lets go wrong, until it is given no more faults. */
async function play(seed: string): Promise<void> {
  const dice = seededRandomness(seed);
  const world = new LandingWorld();
  const shaOf = new Map<ExtractFile, string>();
  const known = (file: ExtractFile) => {
    const sha = shaOf.get(file) ?? sha256Of(file);
    shaOf.set(file, sha);
    return sha;
  };
  watchManifests(world);
  for (const jobId of JOBS) await world.jobEnds(someFiles(dice, jobId), jobId);

  for (let step = 0; step < 16; step += 1) {
    goWrong(dice, world);
    world.timeLeftMs = dice.chance(0.3) ? 60_000 : 300_000;
    world.partCostsMs = dice.pick([0, 5_000, 25_000]);
    const workers = 1 + dice.integer(2);
    await Promise.all(Array.from({ length: workers }, () => serveAny(dice, world)));
    // The lease of a worker that died runs out only after it.
    world.nowMs += dice.pick([1_000, 61_000, 600_000, -30_000]);
    await resumeLandings([ACCOUNT], world.ports);
  }

  world.faults.clear();
  world.store.room = Number.POSITIVE_INFINITY;
  world.partCostsMs = 0;
  world.timeLeftMs = 300_000;
  await world.settle(72);

  expect(await world.landings.open(ACCOUNT), seed).toEqual([]);
  for (const jobId of JOBS) {
    const landed = await world.landed.find({ accountId: ACCOUNT, requestId: REQUEST, jobId });
    const files = world.files.get(jobId) ?? [];
    expect(landed?.files.map(({ name, sha256 }) => `${name} ${sha256}`).toSorted(), seed).toEqual(
      files.map((file) => `${file.name} ${known(file)}`).toSorted(),
    );
  }
  expect(
    (await world.landed.latest()).map(({ jobId }) => jobId),
    seed,
  ).toHaveLength(1);
}

async function serveAny(dice: SeededRandomness, world: LandingWorld): Promise<void> {
  try {
    await world.serve(dice.pick(JOBS));
  } catch (error) {
    if (!(error instanceof DeathError)) throw error;
  }
}

function someFiles(dice: SeededRandomness, jobId: string): ExtractFile[] {
  return [
    textFile('a.csv', `small ${jobId}`),
    // In one go, or in parts.
    largeFile('b.csv', 8 * MIB + dice.integer(16 * MIB)),
    textFile('c.csv', ''),
  ];
}

function goWrong(dice: SeededRandomness, world: LandingWorld): void {
  const name = dice.pick(['a.csv', 'b.csv', 'c.csv']);
  const afterBytes = dice.integer(16 * MIB);
  if (dice.chance(0.6)) {
    world.faults.set(name, [
      dice.pick([
        { kind: 'cut', afterBytes } as const,
        { kind: 'death', afterBytes } as const,
        { kind: 'expired' } as const,
        { kind: 'longer' } as const,
        { kind: 'shorter' } as const,
      ]),
    ]);
  }
  world.store.room = dice.chance(0.2) ? dice.integer(20 * MIB) : Number.POSITIVE_INFINITY;
  if (dice.chance(0.1)) dropUploads(world);
  if (dice.chance(0.15)) {
    const jobId = dice.pick(JOBS);
    const files = world.files.get(jobId) ?? [];
    if (!world.store.files.has(manifestKey({ accountId: ACCOUNT, requestId: REQUEST, jobId }))) {
      const others = files.filter((file) => file.name !== 'a.csv');
      world.files.set(jobId, [...others, textFile('a.csv', `changed ${dice.hex(8)}`)]);
    }
  }
}

/** At the moment a manifest is written, every file that it names is there, with its hash. */
function watchManifests({ store }: LandingWorld): void {
  const put = store.put.bind(store);
  store.put = async (key, bytes) => {
    await put(key, bytes);
    if (!key.endsWith('/manifest.json')) return;
    const written = manifest.parse(JSON.parse(await readText(store, key)));
    for (const { name, size, sha256 } of written.files) {
      const file = store.files.get(fileKey(written, name));
      expect(file?.length, name).toBe(size);
      expect(
        createHash('sha256')
          .update(file ?? '')
          .digest('hex'),
        name,
      ).toBe(sha256);
    }
  };
}

it(`lands all files in ${HISTORIES} random histories, and never names one in a manifest that is not there`, {
  timeout: 120_000,
}, async () => {
  for (let history = 0; history < HISTORIES; history += 1) await play(`landing-${history}`);
});
