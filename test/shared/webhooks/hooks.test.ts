import { beforeEach, describe, expect, it } from 'vitest';
import type { Hook, WebhooksClient } from '../../../shared/autodesk/client/webhooks-client.ts';
import {
  AutodeskUnavailableError,
  NeedsConsentError,
  RequestRefusedError,
  UnexpectedResponseError,
} from '../../../shared/autodesk/http/errors.ts';
import { ConfigurationError } from '../../../shared/errors.ts';
import { silentLog } from '../../../shared/observability/log.ts';
import { systemRandomness } from '../../../shared/randomness.ts';
import type { RotatingSecret } from '../../../shared/rotation/rotating-secret.ts';
import {
  type HookAccess,
  type HookHealth,
  lookAtHooks,
  NO_HOOKS,
} from '../../../shared/webhooks/hook-health.ts';
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
  /** The mirror's own sign-in: it may only read. */
  const own: HookAccess['own'] = () => ({
    async list() {
      done.push('listed with the own');
      return hooks;
    },
    change: () => Promise.reject(new RequestRefusedError('MANAGEMENT_SCOPE', 403)),
  });
  const look = (managed: HookAccess['managed'] = async () => webhooks) =>
    lookAtHooks({ ...ports(), webhooks: { managed, own } });
  const withoutManaged: HookAccess['managed'] = async () => undefined;
  const healthNow = async () => (await health.read()).value;
  const statuses = async () => (await healthNow()).hooks.map(({ status }) => status);
  const switchedOff = () => {
    hooks = [hook('h1', 'bid.created', { status: 'inactive' }), hook('h2', 'opportunity.created')];
  };

  beforeEach(async () => {
    hooks = [hook('h1', 'bid.created'), hook('h2', 'opportunity.created')];
    await setUp();
    done = [];
  });

  it('asks for nothing where none were set up', async () => {
    health = memoryStateItem<HookHealth>(NO_HOOKS);
    await look(() => {
      throw new Error('It was asked.');
    });
  });

  it('finds all well', async () => {
    await look();

    expect(done).toEqual([]);
    expect(await statuses()).toEqual(['active', 'active']);
  });

  it('switches on with the management sign-in what is inactive, then has its list read, then is recorded', async () => {
    const { lookedAt } = await healthNow();
    switchedOff();
    await lookAtHooks({
      ...ports(),
      clock: { now: () => Date.parse('2026-11-21T10:00:00.000Z'), sleep: async () => {} },
      webhooks: { managed: async () => webhooks, own },
      async readAgain(resources) {
        expect(await healthNow()).toMatchObject({ lookedAt, reviving: ['h1'] });
        done.push(`read ${resources.join(' and ')}`);
      },
    });

    expect(done).toEqual(['h1 on', 'read bids']);
    expect(await statuses()).toEqual(['active', 'active']);
    expect(await healthNow()).toMatchObject({ lookedAt: '2026-11-21T10:00:00.000Z' });
    expect(await healthNow()).not.toHaveProperty('reviving');
  });

  it('has the list read at the next try, when it ended between switching on and reading', async () => {
    switchedOff();
    const dying = lookAtHooks({
      ...ports(),
      webhooks: { managed: async () => webhooks, own },
      readAgain: () => Promise.reject(new Error('The function ended.')),
    });
    await expect(dying).rejects.toThrow('The function ended.');
    hooks = [hook('h1', 'bid.created'), hook('h2', 'opportunity.created')];
    await look();
    await look();

    expect(done).toEqual(['h1 on', 'read bids']);
  });

  it('leaves to a command what that has changed meanwhile', async () => {
    switchedOff();
    await look(async () => ({
      ...webhooks,
      async list() {
        const { value, rev } = await health.read();
        await health.write(value, rev);
        return hooks;
      },
    }));

    expect(done).toEqual([]);
  });

  it('has the list read of one that somebody else has switched on since the last look', async () => {
    switchedOff();
    await look(withoutManaged);
    done = [];
    hooks = [hook('h1', 'bid.created'), hook('h2', 'opportunity.created')];
    await look();
    await look();

    expect(done).toEqual(['read bids']);
  });

  it('without a management sign-in sees with the own, has the list read, and says that it is off', async () => {
    switchedOff();
    await look(withoutManaged);

    expect(done).toEqual(['listed with the own', 'read bids']);
    expect(await statuses()).toEqual(['inactive', 'active']);
    expect(await healthNow()).not.toHaveProperty('managementRefused');
  });

  it('with a management sign-in that is dead does what it can with the own, and says why until it works again', async () => {
    switchedOff();
    await look(async () => ({ ...webhooks, list: () => Promise.reject(new NeedsConsentError('revoked')) }));

    expect(done).toEqual(['listed with the own', 'read bids']);
    expect(await statuses()).toEqual(['inactive', 'active']);
    expect(await healthNow()).toMatchObject({ managementRefused: expect.stringContaining('revoked') });

    await look();
    expect(await statuses()).toEqual(['active', 'active']);
    expect(await healthNow()).not.toHaveProperty('managementRefused');
  });

  it('does the same where the stored sign-in cannot be read', async () => {
    await look(() => Promise.reject(new ConfigurationError(['The token secret does not contain a token'])));

    expect(done).toEqual(['listed with the own']);
    expect(await healthNow()).toMatchObject({
      managementRefused: expect.stringContaining('does not contain a token'),
    });
  });

  it('says why where the management sign-in may not switch it on, and has the list read', async () => {
    mayWrite = false;
    switchedOff();
    await look();

    expect(done).toEqual(['read bids']);
    expect(await statuses()).toEqual(['inactive', 'active']);
    expect(await healthNow()).toMatchObject({
      managementRefused: expect.stringContaining('missing a scope'),
    });
  });

  it('does not blame the sign-in for a hook that is gone when it is switched on', async () => {
    switchedOff();
    await look(async () => ({
      ...webhooks,
      change: () => Promise.reject(new RequestRefusedError('NOT_FOUND', 404)),
    }));

    expect(await statuses()).toEqual(['inactive', 'active']);
    expect(await healthNow()).not.toHaveProperty('managementRefused');
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
    const failing = (error: Error) => ({ ...webhooks, list: () => Promise.reject(error) });
    const lookWithOwn = (error: Error) =>
      lookAtHooks({ ...ports(), webhooks: { managed: withoutManaged, own: () => failing(error) } });
    await lookWithOwn(new RequestRefusedError('FORBIDDEN', 403));
    expect((await healthNow()).refused).toContain('permission');
    await expect(lookWithOwn(new AutodeskUnavailableError('HTTP 503'))).rejects.toThrow('HTTP 503');
    // Another sign-in would be told the same.
    await look(async () => failing(new UnexpectedResponseError('it is not a list of webhooks')));
    expect((await healthNow()).refused).toContain('not a list');
    await expect(look(async () => failing(new AutodeskUnavailableError('HTTP 502')))).rejects.toThrow(
      'HTTP 502',
    );
    expect(done).toEqual([]);

    await look();
    expect((await healthNow()).refused).toBeUndefined();
  });
});
