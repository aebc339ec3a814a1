import { createHash } from 'node:crypto';
import { createReadStream, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { finishedJob, queuedJob } from '../../infra/sandbox/company/data-connector-history.ts';
import { largeFile, sha256Of } from '../../infra/sandbox/data/extract-files.ts';
import { seededRandomness } from '../../infra/sandbox/seed/seeded-randomness.ts';
import { latestExtract, type Manifest, manifest } from '../../shared/extracts/manifest.ts';
import type { JsonObject } from '../../shared/json.ts';
import type { RunningCommand } from '../support/processes/run-command.ts';
import { type MirroredSandbox, mirrorSandbox } from './mirrored-sandbox.ts';

const MIB = 1024 * 1024;
/** `EXTRACT_MIB=2048 npm run test:end-to-end -- extracts` lands a file of 2 GB. */
const LARGE_MIB = Number(process.env.EXTRACT_MIB ?? 64);
const SCALE = { projects: 2, pairs: 3, invites: 3, forms: 1, requests: 2, jobs: 0 };

let mirror: MirroredSandbox;
afterEach(() => mirror.close());

/** A job that has ended well, of the first request of the sandbox. */
function endJob(): { accountId: string; requestId: string; jobId: string } {
  const { data } = mirror.sandbox;
  const [request = {}] = data.records('data-connector-requests');
  const nowMs = Date.now();
  const job: JsonObject = {
    ...queuedJob(request, nowMs - 60_000, seededRandomness(String(nowMs))),
    ...finishedJob(nowMs, true),
  };
  data.put('data-connector-jobs', job);
  return { accountId: String(job.accountId), requestId: String(job.requestId), jobId: String(job.id) };
}

/** Where the files of a job lie in the data folder. */
function folderOf({ accountId, requestId, jobId }: ReturnType<typeof endJob>): string {
  return join(mirror.dataDir, 'live', 'landed', 'extracts', accountId, requestId, jobId);
}

function manifestOf(job: ReturnType<typeof endJob>): Manifest | undefined {
  try {
    return manifest.parse(JSON.parse(readFileSync(join(folderOf(job), 'manifest.json'), 'utf8')));
  } catch {
    return undefined;
  }
}

async function sha256OfStored(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest('hex');
}

/** Of a running process, in MiB. */
function memoryOf({ child }: RunningCommand): number {
  const text = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(text)?.[1]) / 1024;
}

/** Of a running process, until `end` answers the most that it took. */
function watchMemory(running: RunningCommand): { end(): number } {
  let most = 0;
  const watch = setInterval(() => {
    most = Math.max(most, memoryOf(running));
  }, 50);
  return {
    end() {
      clearInterval(watch);
      return most;
    },
  };
}

async function callBack(running: RunningCommand, job: ReturnType<typeof endJob>): Promise<void> {
  await expect
    .poll(() => running.output.stdout + running.output.stderr, { timeout: 60_000 })
    .toMatch(/callbacks\/data-connector\//);
  const [url = ''] =
    /http:\S+\/callbacks\/data-connector\/\S+/.exec(running.output.stdout + running.output.stderr) ?? [];
  const body = JSON.stringify({ ...job, state: 'complete', success: true });
  const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  expect(answer.status).toBe(202);
}

describe('npm start with DATA_CONNECTOR_EXTRACTS=true', { timeout: 600_000 }, () => {
  it('lands the files of a job that nobody has called back for, but the archive', async () => {
    mirror = await mirrorSandbox({ scale: SCALE }, { DATA_CONNECTOR_EXTRACTS: 'true' });
    const job = endJob();
    const { status, code } = await mirror.once();

    expect(code).toBe(0);
    const names = [
      'README.html',
      'admin_projects.csv',
      'admin_users.csv',
      'issues_issues.csv',
      'metadata.csv',
    ];
    expect(manifestOf(job)?.files.map(({ name }) => name)).toEqual(names);
    expect(status.dataConnector).toMatchObject([
      { jobsLastDay: 1, jobLimit: 24, landed: { jobs: 1, files: names.length }, waiting: 0, failed: [] },
    ]);
    const latest: unknown = JSON.parse(readFileSync(join(folderOf(job), '..', 'latest.json'), 'utf8'));
    expect(latestExtract.parse(latest).jobId).toBe(job.jobId);
    // Neither a token nor a header of ours but what says that nothing is to be compressed.
    for (const { headers } of mirror.sandbox.extracts.server.journal) {
      expect(headers).not.toContain('authorization');
      expect(headers).not.toContain('x-bc-mode');
    }
  });

  it('lands a large file in little memory, killed in the middle, without starting again what was done', async () => {
    mirror = await mirrorSandbox({ scale: SCALE }, { DATA_CONNECTOR_EXTRACTS: 'true' });
    const { extracts } = mirror.sandbox;
    const large = largeFile('large.csv', LARGE_MIB * MIB + 12_345);
    const sha256 = sha256Of(large);
    const transfersOf = (name: string) => extracts.server.journal.filter((entry) => entry.name === name);

    // What the process takes without anything to land.
    const first = mirror.start('--port', '0');
    await expect
      .poll(() => first.output.stdout + first.output.stderr, { timeout: 60_000 })
      .toMatch(/callbacks/);
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    const idle = memoryOf(first);
    const firstWatch = watchMemory(first);

    const job = endJob();
    extracts.files.put(job.jobId, large);
    const startedMs = Date.now();
    await callBack(first, job);
    const unfinished = join(mirror.dataDir, 'live', 'landed', '.uploads');
    await expect
      .poll(
        () =>
          mirror.sandbox.extracts.server.journal.length >= 4 && sizeIn(unfinished) > LARGE_MIB * MIB * 0.4,
        {
          timeout: 120_000,
          interval: 20,
        },
      )
      .toBe(true);
    const firstPeak = firstWatch.end();
    first.child.kill('SIGKILL');
    await first.ended;
    const before = extracts.server.journal.length;

    const second = mirror.start('--port', '0');
    const secondWatch = watchMemory(second);
    await expect.poll(() => manifestOf(job), { timeout: 300_000, interval: 20 }).toBeDefined();
    const secondPeak = secondWatch.end();
    const tookS = (Date.now() - startedMs) / 1_000;
    second.child.kill('SIGINT');
    await second.ended;
    const { code, status, stderr } = await mirror.once();
    expect(code, stderr).toBe(0);
    expect(status.dataConnector[0]?.landed.files).toBe(6);
    expect(manifestOf(job)?.files.find(({ name }) => name === large.name)).toEqual({
      name: large.name,
      size: large.size,
      sha256,
    });
    expect(await sha256OfStored(join(folderOf(job), large.name))).toBe(sha256);
    // Files that were done are never begun again, and the large one goes on in the middle.
    for (const name of ['README.html', 'admin_users.csv']) expect(transfersOf(name)).toHaveLength(1);
    const again = extracts.server.journal.slice(before).find(({ name }) => name === large.name);
    expect(Number(/\d+/.exec(again?.range ?? '')?.[0])).toBeGreaterThan(0);
    console.log(
      `${LARGE_MIB} MiB landed in ${tookS.toFixed(0)} s, killed once; memory ${idle.toFixed(0)} MiB idle, at the most ${firstPeak.toFixed(0)} before that and ${secondPeak.toFixed(0)} after; resumed at ${again?.range}`,
    );
    expect(Math.max(firstPeak, secondPeak) - idle).toBeLessThan(64);
  });
});

function sizeIn(folder: string): number {
  try {
    return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name, 'body')).size, 0);
  } catch {
    return 0;
  }
}
