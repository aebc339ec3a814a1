import { beforeEach, describe, expect, it } from 'vitest';
import type { AutodeskApi, ListRequest } from '../../../shared/autodesk/client/api.ts';
import { readJobLedger } from '../../../shared/extracts/landing/job-ledger.ts';
import {
  lookAtJobs,
  releaseDeadLandings,
  resumeLandings,
} from '../../../shared/extracts/landing/request-landing.ts';
import type { JsonObject } from '../../../shared/json.ts';
import { ACCOUNT, LandingWorld } from '../../support/extracts/landing-world.ts';

let world: LandingWorld;
let jobs: JsonObject[];
let asked: ListRequest[];

beforeEach(() => {
  world = new LandingWorld();
  jobs = [];
  asked = [];
});

const autodesk: Pick<AutodeskApi, 'list'> = {
  async list(request) {
    asked.push(request);
    return { records: jobs, readAt: '2026-11-22T08:00:00.000Z' };
  },
};

function job(id: string, createdAt: string, more: JsonObject = {}): JsonObject {
  return {
    id,
    requestId: 'r1',
    status: 'complete',
    completionStatus: 'success',
    createdAt,
    completedAt: createdAt,
    ...more,
  };
}

const look = (runId: string | undefined) => lookAtJobs(ACCOUNT, runId, { ...world.ports, autodesk });
const sent = () => world.fetchQueue.waiting.map(({ message }) => ('jobId' in message ? message.jobId : ''));

describe('the look at the jobs after a run', () => {
  it('asks for the files of jobs whose callback never came, by one request to Autodesk for each run', async () => {
    jobs = [job('j2', '2026-11-22T07:00:00.000Z'), job('j1', '2026-11-21T07:00:00.000Z')];
    await look(undefined);
    await look('run-1');
    await look('run-1');
    await look('run-2');

    expect(sent()).toEqual(['j2', 'j1']);
    expect(asked).toHaveLength(2);
    expect(asked[0]).toMatchObject({ scope: ACCOUNT, newestFirst: true, limit: 100 });
  });

  it('looks again when it could not ask', async () => {
    jobs = [job('j1', '2026-11-22T07:00:00.000Z')];
    const refusing = { list: () => Promise.reject(new Error('refused')) };
    await expect(lookAtJobs(ACCOUNT, 'run-1', { ...world.ports, autodesk: refusing })).rejects.toThrow(
      'refused',
    );
    await look('run-1');

    expect(sent()).toEqual(['j1']);
  });

  it('counts the jobs of the last 24 hours as they pass, whoever started them', async () => {
    jobs = [
      job('j3', '2026-11-22T07:59:00.000Z', { status: 'running', completionStatus: null, completedAt: null }),
      job('j2', '2026-11-21T08:30:00.000Z', { completionStatus: 'failed' }),
      job('j1', '2026-11-21T07:30:00.000Z'),
    ];
    const jobsLastDay = async () => {
      const ports = { landings: world.landings, clock: world.ports.clock };
      return (await readJobLedger(ACCOUNT, ports)).jobsLastDay;
    };
    expect(await jobsLastDay()).toBeNull();
    await look('run-1');
    expect(await jobsLastDay()).toBe(2);
    world.nowMs += 3_600_000;
    expect(await jobsLastDay()).toBe(1);
  });
});

describe('landings that nobody works on', () => {
  beforeEach(async () => {
    jobs = [job('j1', '2026-11-22T07:00:00.000Z')];
    await look('run-1');
    world.fetchQueue.waiting.length = 0;
  });

  it('are asked for again once a minute, after their message was lost', async () => {
    await resumeLandings([ACCOUNT], world.ports);
    expect(sent()).toEqual([]);
    world.nowMs += 60_000;
    await resumeLandings([ACCOUNT], world.ports);
    await resumeLandings([ACCOUNT], world.ports);
    expect(sent()).toEqual(['j1']);
  });

  it('are free at once when a start knows that their worker is dead', async () => {
    const [open] = await world.landings.open(ACCOUNT);
    if (open === undefined) throw new Error('There is no landing.');
    await world.landings.save({ ...open, lease: { owner: 'dead', untilMs: world.nowMs + 60_000 } });
    await releaseDeadLandings([ACCOUNT], world.ports);

    expect(sent()).toEqual(['j1']);
    expect((await world.landings.open(ACCOUNT))[0]?.lease).toBeUndefined();
  });
});
