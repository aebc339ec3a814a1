import type { Context } from 'aws-lambda';
import { beforeEach, describe, expect, it } from 'vitest';
import { createIntake } from '../../../functions/intake/intake.ts';
import { aWorld } from './intake-world.ts';

let world: ReturnType<typeof aWorld>;
beforeEach(() => {
  world = aWorld();
});

const serve = async (event: unknown) => createIntake(world.ports)(event, {} as Context);

describe('the schedules', () => {
  it('resume what stalled and evaluate alerts at each tick', async () => {
    await world.ports.callbacks.record({
      accountId: 'a2',
      jobId: 'j1',
      requestId: 'r1',
      body: '{}',
      receivedAt: '2026-11-20T09:00:00.000Z',
    });
    world.events.length = 0;

    await serve({ trigger: 'tick' });

    expect(world.events.toSorted()).toEqual([
      'resume landings',
      'resume runs',
      'send confirm-callbacks a2 after 0 s',
      'send evaluate',
    ]);
  });

  it('do the rest of a tick when one part of it fails, and fail in the end', async () => {
    world.failNext('resume runs');

    await expect(serve({ trigger: 'tick' })).rejects.toThrow('resume runs');
    expect(world.events).toEqual(['resume landings', 'send evaluate']);
  });

  it('request a run of every enabled resource, one for each account where there is a list for each', async () => {
    await serve({ trigger: 'sync', mode: 'full', unfiltered: true });

    expect(world.events).toEqual([
      'request run {"mode":"full","unfiltered":true,"resource":"opportunity-project-pairs","scope":"company"}',
      'request run {"mode":"full","unfiltered":true,"resource":"data-connector-jobs","scope":"a1"}',
      'request run {"mode":"full","unfiltered":true,"resource":"data-connector-jobs","scope":"a2"}',
    ]);
  });

  it('request runs of the resources named, from the moment named', async () => {
    await serve({
      trigger: 'sync',
      mode: 'incremental',
      resources: ['opportunity-project-pairs'],
      since: '2026-11-01T02:00:00+02:00',
    });

    expect(world.events).toEqual([
      'request run {"mode":"incremental","since":"2026-11-01T00:00:00.000Z","resource":"opportunity-project-pairs","scope":"company"}',
    ]);
  });

  it('refuse a resource that is not enabled', async () => {
    await expect(serve({ trigger: 'sync', mode: 'full', resources: ['invites'] })).rejects.toThrow('invites');
    expect(world.events).toEqual([]);
  });

  it('keep the connection alive through the queue', async () => {
    await serve({ trigger: 'keep-alive' });

    expect(world.events).toEqual(['send keep-alive after 0 s']);
  });

  it('have what was deleted long ago purged through the queue', async () => {
    await serve({ trigger: 'purge' });

    expect(world.events).toEqual(['send purge after 0 s']);
  });

  it('refuse what is neither a schedule nor a request', async () => {
    await expect(serve({ trigger: 'tea' })).rejects.toThrow('neither');
  });
});
