import { beforeEach, describe, expect, it } from 'vitest';
import type { Hook, WebhooksClient } from '../../../shared/autodesk/client/webhooks-client.ts';
import { AutodeskUnavailableError, RequestRefusedError } from '../../../shared/autodesk/http/errors.ts';
import { silentLog } from '../../../shared/observability/log.ts';
import { systemRandomness } from '../../../shared/randomness.ts';
import type { RotatingSecret } from '../../../shared/rotation/rotating-secret.ts';
import { type HookHealth, lookAtHooks, NO_HOOKS } from '../../../shared/webhooks/hook-health.ts';
import { planHooks, removeHooks, setUpHooks } from '../../../shared/webhooks/set-up-hooks.ts';
import { memoryStateItem } from '../../support/autodesk/memory-state-item.ts';

const URL = 'https://ours.test/webhooks/autodesk';
const WANTED = { events: ['bid.created', 'opportunity.created'], callbackUrl: URL, stage: 'prod' };
const MARK = { stage: 'buildingconnected-sync/prod' };

function hook(hookId: string, event: string, more: Partial<Hook> = {}): Hook {
  return { hookId, event, callbackUrl: URL, status: 'active', ...more };
}

let hooks: Hook[];
let done: string[];
let secret: RotatingSecret | undefined;
let health: ReturnType<typeof memoryStateItem<HookHealth>>;
let mayWrite: boolean;

const webhooks: Pick<WebhooksClient, 'list' | 'create' | 'change' | 'remove'> = {
  list: async () => hooks,
  async create({ event, hookAttribute }) {
    done.push(`create ${event} of ${hookAttribute.stage}`);
    return `new ${event}`;
  },
  async change({ hookId }, change) {
    if (!mayWrite) throw new RequestRefusedError('MANAGEMENT_SCOPE', 403);
    done.push(
      'token' in change ? `token of ${hookId} is ${change.token === secret?.current}` : `${hookId} on`,
    );
  },
  async remove({ hookId }) {
    done.push(`remove ${hookId}`);
  },
};
const ports = () => ({
  webhooks,
  secret: {
    read: async () => secret,
    async write(written: RotatingSecret) {
      done.push('secret stored');
      secret = written;
    },
  },
  health,
  async readAgain(resources: readonly string[]) {
    done.push(`read ${resources.join(' and ')}`);
  },
  clock: { now: () => Date.parse('2026-11-20T10:00:00.000Z'), sleep: async () => {} },
  randomness: systemRandomness,
  log: silentLog,
});

beforeEach(() => {
  hooks = [];
  done = [];
  secret = undefined;
  mayWrite = true;
  health = memoryStateItem<HookHealth>(NO_HOOKS);
});

const setUp = (rotate = false) =>
  setUpHooks(planHooks(hooks, WANTED), { ...WANTED, region: 'US', companyId: 'c', rotate }, ports());

describe('setting up hooks', () => {
  it('makes one for each event, with a secret that is known here first', async () => {
    await setUp();

    expect(done).toEqual([
      'secret stored',
      'create bid.created of buildingconnected-sync/prod',
      'create opportunity.created of buildingconnected-sync/prod',
      'token of new bid.created is true',
      'token of new opportunity.created is true',
    ]);
    expect((await health.read()).value).toMatchObject({
      setUp: { region: 'US', callbackUrl: URL },
      hooks: [{ event: 'bid.created' }, { event: 'opportunity.created' }],
    });
  });

  it('keeps what is there, removes what is one too many, and touches nobody else', async () => {
    hooks = [
      hook('h1', 'bid.created-1.0'),
      hook('h2', 'bid.created-1.0'),
      hook('h3', 'opportunity.created', { callbackUrl: 'https://before.test/', hookAttribute: MARK }),
      hook('h4', 'opportunity.comment.created', { hookAttribute: MARK }),
      hook('theirs', 'bid.created', {
        callbackUrl: 'https://theirs.test/',
        hookAttribute: { stage: 'prod' },
      }),
      hook('other stage', 'bid.created', {
        callbackUrl: 'https://dev.test/',
        hookAttribute: { stage: 'buildingconnected-sync/dev' },
      }),
    ];
    await setUp();

    expect(done.filter((what) => /^(create|remove)/.test(what))).toEqual([
      'create opportunity.created of buildingconnected-sync/prod',
      'remove h2',
      'remove h3',
      'remove h4',
    ]);
  });

  it('switches on what is inactive, and has its list read again', async () => {
    hooks = [hook('h1', 'bid.created', { status: 'inactive' }), hook('h2', 'opportunity.created')];
    await setUp();

    expect(done.slice(-2)).toEqual(['h1 on', 'read bids']);
  });

  it('keeps the secret of before valid when it is rotated', async () => {
    const before = 'b'.repeat(64);
    secret = { current: before };
    hooks = [hook('h1', 'bid.created'), hook('h2', 'opportunity.created')];
    await setUp(true);

    expect(secret).toMatchObject({ previous: before });
    expect(done).toEqual(['secret stored', 'token of h1 is true', 'token of h2 is true']);
  });

  it('forgets them once they are removed', async () => {
    await setUp();
    await removeHooks([hook('h1', 'bid.created')], ports());

    expect(done.at(-1)).toBe('remove h1');
    expect((await health.read()).value).toEqual(NO_HOOKS);
  });
});

describe('the daily look at the hooks', () => {
  const look = () => lookAtHooks({ ...ports(), webhooks: () => webhooks });
  const statuses = async () => (await health.read()).value.hooks.map(({ status }) => status);

  beforeEach(async () => {
    hooks = [hook('h1', 'bid.created'), hook('h2', 'opportunity.created')];
    await setUp();
    done = [];
  });

  it('asks for nothing where none were set up', async () => {
    health = memoryStateItem<HookHealth>(NO_HOOKS);
    await lookAtHooks({
      ...ports(),
      webhooks: () => {
        throw new Error('It was asked.');
      },
    });
  });

  it('finds all well', async () => {
    await look();

    expect(done).toEqual([]);
    expect(await statuses()).toEqual(['active', 'active']);
  });

  it('has the list read of one that is inactive, and says so where it may not switch it on', async () => {
    mayWrite = false;
    hooks = [hook('h1', 'bid.created', { status: 'inactive' }), hook('h2', 'opportunity.created')];
    await look();

    expect(done).toEqual(['read bids']);
    expect(await statuses()).toEqual(['inactive', 'active']);
  });

  it('switches it on where it may', async () => {
    hooks = [hook('h1', 'bid.created', { status: 'inactive' }), hook('h2', 'opportunity.created')];
    await look();

    expect(done).toEqual(['h1 on', 'read bids']);
    expect(await statuses()).toEqual(['active', 'active']);
  });

  it('has the list read of one that was reactivated, once', async () => {
    hooks = [hook('h1', 'bid.created', { status: 'reactivated', lastUpdatedDate: '2026-11-19' })];
    hooks.push(hook('h2', 'opportunity.created'));
    await look();
    await look();
    expect(done).toEqual(['read bids']);

    hooks = hooks.map((one) => (one.hookId === 'h1' ? { ...one, lastUpdatedDate: '2026-11-20' } : one));
    await look();
    expect(done).toEqual(['read bids', 'read bids']);
  });

  it('counts one that is gone as inactive', async () => {
    hooks = [hook('h2', 'opportunity.created')];
    await look();

    expect(done).toEqual(['read bids']);
    expect((await statuses()).sort()).toEqual(['active', 'inactive']);
  });

  it('records that it was refused, and comes back when Autodesk is away', async () => {
    const failing = (error: Error) =>
      lookAtHooks({ ...ports(), webhooks: () => ({ ...webhooks, list: () => Promise.reject(error) }) });
    await failing(new RequestRefusedError('FORBIDDEN', 403));
    expect((await health.read()).value.refused).toContain('permission');

    await expect(failing(new AutodeskUnavailableError('HTTP 503'))).rejects.toThrow('HTTP 503');
    await look();
    expect((await health.read()).value.refused).toBeUndefined();
  });
});
