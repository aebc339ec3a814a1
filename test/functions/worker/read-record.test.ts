import { describe, expect, it } from 'vitest';
import { serveFetchMessage, type WorkerPorts } from '../../../functions/worker/serve-fetch-message.ts';
import type { Hook } from '../../../shared/autodesk/client/webhooks-client.ts';
import { NeedsConsentError, RateLimitedError } from '../../../shared/autodesk/http/errors.ts';
import type { FetchMessage } from '../../../shared/queue/messages.ts';
import type { HookHealth } from '../../../shared/webhooks/hook-health.ts';
import { memoryStateItem } from '../../support/autodesk/memory-state-item.ts';
import { createInMemoryCallbackStore } from '../../support/in-memory/callback-store.ts';
import { InMemoryLandingStore } from '../../support/in-memory/landing-store.ts';
import { EngineKit } from '../../support/sync/sync-kit.ts';

const MESSAGE: FetchMessage = { kind: 'read-record', resource: 'bids', scope: 'company', id: 'b1' };

function setUp(hooks: Hook[] = []) {
  const kit = new EngineKit({ resource: 'bids', settings: { enabledResources: ['bids'] } });
  kit.hold('b1');
  const health = memoryStateItem<HookHealth>({
    setUp: { region: 'EMEA', callbackUrl: 'https://ours.test/' },
    hooks: [],
  });
  const asked: string[] = [];
  const ports: WorkerPorts = {
    lists: { resources: ['bids'], accountIds: [] },
    syncPortsFor: () => kit.engine(),
    callbacksFor: createInMemoryCallbackStore,
    hookHealth: health,
    landingsFor: () => new InMemoryLandingStore(),
    extractsFor: () => undefined,
    webhooks: {
      managed: async () => undefined,
      own: (region) => ({
        async list() {
          asked.push(region);
          return hooks;
        },
        change: async () => {},
      }),
    },
    keepAlive: async () => {},
    purgeDeletedAfterDays: 30,
    historyDays: 365,
  };
  const serve = (message: FetchMessage) => serveFetchMessage(message, kit.engine(), ports);
  return { kit, serve, asked, health };
}

describe('a message that names a record', () => {
  it('has it read', async () => {
    const { kit, serve } = setUp();
    await serve(MESSAGE);

    expect(await kit.record('b1')).toBeDefined();
    expect(kit.fetchQueue.waiting).toEqual([]);
  });

  it('waits in a message of its own while the rate limit is reached', async () => {
    const { kit, serve } = setUp();
    kit.beforeResponse = () => {
      throw new RateLimitedError('buildingconnected', 5_000);
    };
    await serve(MESSAGE);

    expect(kit.fetchQueue.waiting).toEqual([{ message: MESSAGE, dueMs: kit.nowMs + 6_000 }]);
  });

  it('is over while nobody is signed in: the next run of the list finds the record', async () => {
    const { kit, serve } = setUp();
    kit.beforeResponse = () => {
      throw new NeedsConsentError('signed out');
    };
    await serve(MESSAGE);

    expect(kit.fetchQueue.waiting).toEqual([]);
  });
});

describe('the daily keep-alive', () => {
  it('looks at the hooks where they are, and has the list read of one that is off', async () => {
    const inactive = {
      hookId: 'h1',
      event: 'bid.created-1.0',
      callbackUrl: 'https://ours.test/',
      status: 'inactive',
    };
    const { kit, serve, asked, health } = setUp([inactive]);
    await serve({ kind: 'keep-alive' });

    expect(asked).toEqual(['EMEA']);
    expect((await kit.state()).activeRun).toBeDefined();
    expect((await health.read()).value.hooks).toMatchObject([{ hookId: 'h1', event: 'bid.created' }]);
  });
});
