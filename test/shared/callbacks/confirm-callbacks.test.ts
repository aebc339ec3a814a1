import { beforeEach, describe, expect, it } from 'vitest';
import type { AutodeskApi, ListRequest } from '../../../shared/autodesk/client/api.ts';
import { NeedsConsentError, RequestRefusedError } from '../../../shared/autodesk/http/errors.ts';
import type { StoredCallback } from '../../../shared/callbacks/callback.ts';
import {
  type ConfirmationPorts,
  confirmCallbacks,
  replayCallback,
  resumeCallbacks,
} from '../../../shared/callbacks/confirm-callbacks.ts';
import { isoTime } from '../../../shared/clock.ts';
import type { JsonObject } from '../../../shared/json.ts';
import { isJsonObject } from '../../../shared/json.ts';
import { silentLog } from '../../../shared/observability/log.ts';
import type { FetchMessage } from '../../../shared/queue/messages.ts';
import { createInMemoryCallbackStore } from '../../support/in-memory/callback-store.ts';

const START = Date.parse('2026-11-20T10:00:00.000Z');

let world: ReturnType<typeof createWorld>;
beforeEach(() => {
  world = createWorld();
});

describe('confirming callbacks', () => {
  it('stores the job and its request as Autodesk sends them, then requests runs', async () => {
    world.autodesk.jobs.push({ id: 'j1', requestId: 'r1', status: 'complete', unheardOf: true });
    world.autodesk.requests.push({ id: 'r1', description: 'nightly' });
    await world.receive('j1');

    await world.confirm();

    expect(world.events).toEqual([
      'read data-connector-jobs a1 j1',
      'store data-connector-jobs a1 {"id":"j1","requestId":"r1","status":"complete","unheardOf":true}',
      'read data-connector-requests a1 r1',
      'store data-connector-requests a1 {"id":"r1","description":"nightly"}',
      'land j1',
      'request runs',
    ]);
    expect(await world.find('j1')).toMatchObject({ state: 'confirmed' });
  });

  it('asks for the files again when it was interrupted before they were asked for', async () => {
    world.autodesk.jobs.push({ id: 'j1', requestId: 'r1' });
    await world.receive('j1');
    world.failNext('land j1');

    await expect(world.confirm()).rejects.toThrow('land j1');
    expect(await world.find('j1')).toMatchObject({ state: 'received' });
    await world.confirm();

    expect(world.events).toContain('land j1');
    expect(await world.find('j1')).toMatchObject({ state: 'confirmed' });
  });

  it('believes Autodesk, not the callback, about the request a job belongs to', async () => {
    world.autodesk.jobs.push({ id: 'j1', requestId: 'true-request' });
    await world.receive('j1', 'claimed-request');

    await world.confirm();

    expect(world.events).toContain('read data-connector-requests a1 true-request');
    expect(world.events).not.toContain('read data-connector-requests a1 claimed-request');
  });

  it('reads up to three jobs by id', async () => {
    const ids = ['j1', 'j2', 'j3'];
    world.autodesk.jobs.push(...ids.map((id) => ({ id, requestId: 'r1' })));
    for (const id of ids) await world.receive(id);

    await world.confirm();

    expect(world.calls('jobs')).toEqual([
      'read data-connector-jobs a1 j1',
      'read data-connector-jobs a1 j2',
      'read data-connector-jobs a1 j3',
    ]);
  });

  it('looks for more in one list, from the newest job back until all are found', async () => {
    const jobs = Array.from({ length: 250 }, (_, index) => ({ id: `j${index}`, requestId: 'r1' }));
    world.autodesk.jobs.push(...jobs);
    for (const { id } of jobs.slice(100, 104)) await world.receive(id);

    await world.confirm();

    expect(world.calls('jobs')).toEqual([
      'list data-connector-jobs a1 newest first from 0',
      'list data-connector-jobs a1 newest first from 100',
    ]);
    for (const { id } of jobs.slice(100, 104))
      expect(await world.find(id)).toMatchObject({ state: 'confirmed' });
  });

  it('answers a hundred callbacks in a second with one list and one request for runs', async () => {
    const ids = Array.from({ length: 100 }, (_, index) => `j${index}`);
    world.autodesk.jobs.push(...ids.map((id) => ({ id, requestId: 'r1' })));
    world.autodesk.requests.push({ id: 'r1' });
    for (const id of ids) await world.receive(id);

    for (const _ of ids) await world.confirm();

    expect(world.calls('jobs')).toEqual(['list data-connector-jobs a1 newest first from 0']);
    expect(world.events.filter((event) => event === 'request runs')).toHaveLength(1);
  });

  it('makes no call when nothing waits', async () => {
    await world.confirm();

    expect(world.events).toEqual([]);
  });

  it('asks three times for an unknown job, later each time, and then records it as unconfirmed', async () => {
    await world.receive('forged');

    await world.confirm();
    expect(world.sent).toEqual([
      { message: { kind: 'confirm-callbacks', accountId: 'a1' }, delaySeconds: 61 },
    ]);
    world.pass(61);
    await world.confirm();
    expect(world.sent[1]?.delaySeconds).toBe(301);
    world.pass(301);
    await world.confirm();

    expect(world.sent).toHaveLength(2);
    expect(await world.find('forged')).toMatchObject({ state: 'unconfirmed', attempts: 3 });
    expect(world.events).toEqual(Array(3).fill('read data-connector-jobs a1 forged'));
  });

  it('does not ask again before the time has come, however many messages there are', async () => {
    await world.receive('forged');

    for (let message = 0; message < 5; message += 1) await world.confirm();

    expect(await world.find('forged')).toMatchObject({ state: 'received', attempts: 1 });
    expect(world.events).toHaveLength(1);
  });

  it('confirms a job that Autodesk knows a little later', async () => {
    await world.receive('j1');
    await world.confirm();
    world.autodesk.jobs.push({ id: 'j1', requestId: 'r1' });
    world.pass(61);

    await world.confirm();

    expect(await world.find('j1')).toMatchObject({ state: 'confirmed' });
    expect(world.events).toContain('request runs');
  });

  it('gives up after three tries when Autodesk keeps the account closed', async () => {
    await world.receive('j1');

    for (const seconds of [0, 61, 301]) {
      world.pass(seconds);
      world.failNext('read data-connector-jobs a1 j1', new RequestRefusedError('APP_NOT_IN_ACCOUNT', 403));
      await world.confirm();
    }

    expect(await world.find('j1')).toMatchObject({ state: 'unconfirmed', attempts: 3 });
  });

  it('counts no try while Autodesk cannot be asked', async () => {
    await world.receive('j1');
    world.failNext('read data-connector-jobs a1 j1', new NeedsConsentError('nobody has signed in'));

    await expect(world.confirm()).rejects.toThrow(NeedsConsentError);
    expect(await world.find('j1')).toMatchObject({ state: 'received', attempts: 0 });
  });

  it('does everything again when it was interrupted before the end', async () => {
    world.autodesk.jobs.push({ id: 'j1', requestId: 'r1' });
    await world.receive('j1');
    world.failNext('request runs');

    await expect(world.confirm()).rejects.toThrow('request runs');
    expect(await world.find('j1')).toMatchObject({ state: 'received', attempts: 0 });
    await world.confirm();

    expect(await world.find('j1')).toMatchObject({ state: 'confirmed' });
  });
});

describe('resuming callbacks', () => {
  it('enqueues the account of a callback whose message was lost, not more than once a minute', async () => {
    await world.receive('j1');
    world.pass(59);
    await world.resume();
    expect(world.sent).toEqual([]);

    world.pass(1);
    await world.resume();
    await world.resume();

    expect(world.sent).toEqual([
      { message: { kind: 'confirm-callbacks', accountId: 'a1' }, delaySeconds: 0 },
    ]);
    world.autodesk.jobs.push({ id: 'j1', requestId: 'r1' });
    await world.confirm();
    expect(await world.find('j1')).toMatchObject({ state: 'confirmed' });
  });

  it('leaves callbacks alone that are settled', async () => {
    world.autodesk.jobs.push({ id: 'j1', requestId: 'r1' });
    await world.receive('j1');
    await world.confirm();
    world.pass(3600);

    await world.resume();

    expect(world.sent).toEqual([]);
  });
});

describe('replaying a callback', () => {
  it('confirms a settled callback once more', async () => {
    world.autodesk.jobs.push({ id: 'j1', requestId: 'r1' });
    await world.receive('j1');
    await world.confirm();

    expect(await replayCallback('a1', 'j1', world.ports)).toBe(true);
    expect(world.sent).toEqual([
      { message: { kind: 'confirm-callbacks', accountId: 'a1' }, delaySeconds: 0 },
    ]);
    await world.confirm();

    expect(world.events.filter((event) => event === 'request runs')).toHaveLength(2);
  });

  it('says so when there is none', async () => {
    expect(await replayCallback('a1', 'nothing', world.ports)).toBe(false);
    expect(world.sent).toEqual([]);
  });
});

function createWorld() {
  let now = START;
  let failing: { event: string; error: Error } | undefined;
  const events: string[] = [];
  const sent: { message: FetchMessage; delaySeconds: number }[] = [];
  const callbacks = createInMemoryCallbackStore();
  const jobs: JsonObject[] = [];
  const requests: JsonObject[] = [];
  const recordsOf = (resource: string) => (resource === 'data-connector-jobs' ? jobs : requests);

  const happens = (event: string) => {
    if (failing?.event === event) {
      const { error } = failing;
      failing = undefined;
      throw error;
    }
    events.push(event);
  };

  const autodesk: AutodeskApi = {
    async list({ resource, scope, newestFirst, position, limit }: ListRequest) {
      const offset = position && 'offset' in position ? position.offset : 0;
      happens(`list ${resource.name} ${scope}${newestFirst ? ' newest first' : ''} from ${offset}`);
      const all = newestFirst ? recordsOf(resource.name).toReversed() : recordsOf(resource.name);
      const next = offset + limit;
      return {
        records: all.slice(offset, next),
        readAt: isoTime(now),
        ...(next < all.length && { next: { offset: next } }),
      };
    },
    async read(resource, scope, id) {
      happens(`read ${resource.name} ${scope} ${id}`);
      const record = recordsOf(resource.name).find((candidate) => candidate.id === id);
      return record
        ? { kind: 'found', record, readAt: isoTime(now) }
        : { kind: 'absent', readAt: isoTime(now) };
    },
    nested() {
      throw new Error('Confirming callbacks reads no nested lists.');
    },
  };

  const ports: ConfirmationPorts = {
    callbacks,
    autodesk,
    fetchQueue: {
      async send(message, delaySeconds = 0) {
        sent.push({ message, delaySeconds });
      },
    },
    async storeRecords(resource, scope, found) {
      for (const { record } of found) happens(`store ${resource.name} ${scope} ${JSON.stringify(record)}`);
    },
    async landJobs(jobs) {
      happens(`land ${jobs.map((job) => (isJsonObject(job) ? String(job.id) : '')).join(' ')}`);
    },
    async requestRuns() {
      happens('request runs');
    },
    clock: { now: () => now, sleep: () => Promise.resolve() },
    log: silentLog,
  };

  return {
    ports,
    events,
    sent,
    autodesk: { jobs, requests },
    calls: (what: 'jobs' | 'requests') =>
      events.filter((event) => /^(read|list)/.test(event) && event.includes(`data-connector-${what}`)),
    pass(seconds: number) {
      now += seconds * 1000;
    },
    failNext(event: string, error = new Error(`made to fail: ${event}`)) {
      failing = { event, error };
    },
    receive: (jobId: string, requestId = 'r1') =>
      callbacks.record({ accountId: 'a1', jobId, requestId, body: '{}', receivedAt: isoTime(now) }),
    find: (jobId: string): Promise<StoredCallback | undefined> => callbacks.find('a1', jobId),
    confirm: () => confirmCallbacks('a1', ports),
    resume: () => resumeCallbacks(['a1'], ports),
  };
}
