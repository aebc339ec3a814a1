import { describe, expect, it } from 'vitest';
import {
  EMPTY_LEDGER,
  LEASE_MS,
  type RefreshLedger,
} from '../../../shared/autodesk/connection/refresh-ledger.ts';
import { TokenEndpoint } from '../../../shared/autodesk/connection/token-endpoint.ts';
import { TokenKeeper } from '../../../shared/autodesk/connection/token-keeper.ts';
import type { TokenGeneration, TokenVault } from '../../../shared/autodesk/connection/token-vault.ts';
import {
  AutodeskUnavailableError,
  NeedsConsentError,
  RequestRefusedError,
  UnexpectedResponseError,
} from '../../../shared/autodesk/http/errors.ts';
import { AutodeskHttp } from '../../../shared/autodesk/http/http.ts';
import { autodeskOrigin } from '../../../shared/autodesk/http/origin.ts';
import { isoTime } from '../../../shared/clock.ts';
import type { StateItem } from '../../../shared/dynamodb/state-item.ts';
import { silentLog } from '../../../shared/observability/log.ts';
import { noMetrics } from '../../../shared/observability/metrics.ts';
import { systemRandomness } from '../../../shared/randomness.ts';
import { connectionError } from '../../support/autodesk/fake-fetch.ts';
import { memoryStateItem } from '../../support/autodesk/memory-state-item.ts';
import { memoryTokenVault } from '../../support/autodesk/memory-token-vault.ts';
import { FakeTokenServer } from '../../support/autodesk/token-server.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const HOUR_MS = 3_600_000;
const REQUEST_TIMEOUT_MS = 10_000;

/** Stands between a process and one call to the world. */
type Wrap = <Result>(call: () => Promise<Result>) => () => Promise<Result>;

interface World {
  clock: VirtualClock;
  server: FakeTokenServer;
  vault: TokenVault;
  ledger: StateItem<RefreshLedger>;
}

function world(options: { signedIn?: boolean } = {}): World {
  const clock = new VirtualClock();
  const first: TokenGeneration = {
    generation: 1,
    accessToken: 'access-0',
    accessTokenExpiresAt: isoTime(clock.now() + HOUR_MS),
    refreshToken: 'refresh-0',
    obtainedAt: isoTime(clock.now()),
  };
  return {
    clock,
    server: new FakeTokenServer(clock),
    vault: memoryTokenVault(options.signedIn === false ? undefined : first),
    ledger: memoryStateItem(EMPTY_LEDGER),
  };
}

/** A keeper as one process has it; `wrap` stands between the process and the world. */
function keeperOf({ clock, server, vault, ledger }: World, options: { seed?: string; wrap?: Wrap } = {}) {
  const wrap: Wrap = options.wrap ?? ((call) => call);
  const http = new AutodeskHttp({
    fetch: (url, init) => wrap(() => server.fetch(url, init))(),
    origin: autodeskOrigin.parse('https://autodesk.test'),
    timeoutMs: REQUEST_TIMEOUT_MS,
  });
  return new TokenKeeper({
    vault: {
      read: () => wrap(() => vault.read())(),
      store: (token) => wrap(() => vault.store(token))(),
    },
    ledger: {
      read: () => wrap(() => ledger.read())(),
      write: (value, rev) => wrap(() => ledger.write(value, rev))(),
    },
    endpoint: new TokenEndpoint(http, clock),
    credentials: async () => ({ kind: 'three-legged', clientId: 'app', clientSecret: 'secret' }),
    ...(options.seed === undefined ? {} : { seed: options.seed }),
    clock,
    randomness: systemRandomness,
    log: silentLog,
    metrics: noMetrics,
  });
}

/** Calls as queue and schedules do: again a while after each failure, until an answer or a final no. */
async function persist(keeper: TokenKeeper, clock: VirtualClock, forMs: number): Promise<string> {
  const untilMs = clock.now() + forMs;
  for (;;) {
    try {
      return (await keeper.get()).value;
    } catch (error) {
      if (error instanceof NeedsConsentError) return 'needs-consent';
      const mayPass = error instanceof AutodeskUnavailableError || error instanceof UnexpectedResponseError;
      if (!mayPass || clock.now() > untilMs) throw error;
      await clock.sleep(15_000);
    }
  }
}

describe('a token keeper', () => {
  it('hands out the stored access token until shortly before it expires, then renews it once for all', async () => {
    const here = world();
    const keepers = Array.from({ length: 8 }, () => keeperOf(here));
    const all = () => Promise.all(keepers.flatMap((keeper) => [keeper.get(), keeper.get()]));

    expect(new Set((await all()).map((token) => token.value))).toEqual(new Set(['access-0']));
    here.clock.jump(HOUR_MS);
    expect(new Set((await all()).map((token) => token.value))).toEqual(new Set(['access-1']));
    expect(here.server.sent).toHaveLength(1);
  });

  it('does not let callers wait for a renewal that is only due', async () => {
    const here = world();
    here.clock.jump(HOUR_MS - 60_000);
    here.server.fault = () => new Response('', { status: 503 });

    expect((await keeperOf(here).get()).value).toBe('access-0');
    expect(here.server.sent).toHaveLength(1);
  });

  it('looks for a newer generation when one was refused, before it makes one', async () => {
    const here = world();
    const [one, other] = [keeperOf(here), keeperOf(here)];
    const old = await one.get();
    await other.get();

    one.refused(old);
    await one.get();
    other.refused(old);

    expect(await other.get()).toEqual({ value: 'access-1', generation: 2 });
    expect(here.server.sent).toHaveLength(1);
  });

  it('starts from a seed where nobody has signed in, and never sends that seed again', async () => {
    const here = world({ signedIn: false });
    expect((await keeperOf(here, { seed: 'refresh-0' }).get()).value).toBe('access-1');
    here.clock.jump(HOUR_MS);
    here.server.valid = 'revoked';

    await expect(keeperOf(here, { seed: 'refresh-0' }).get()).rejects.toThrow(NeedsConsentError);

    expect(here.server.sent.map(({ refreshToken }) => refreshToken)).toEqual(['refresh-0', 'refresh-1']);
  });

  it('takes up a new seed when the connection is dead', async () => {
    const here = world();
    here.clock.jump(HOUR_MS);
    here.server.valid = 'new-seed';
    await expect(keeperOf(here).get()).rejects.toThrow(NeedsConsentError);

    expect((await keeperOf(here, { seed: 'new-seed' }).get()).generation).toBe(2);
    expect((await keeperOf(here, { seed: 'new-seed' }).authorizationStatus()).state).toBe('connected');
  });

  it('does not touch a seed while the connection lives', async () => {
    const here = world();
    here.clock.jump(HOUR_MS);

    await keeperOf(here, { seed: 'another' }).get();

    expect(here.server.sent.map(({ refreshToken }) => refreshToken)).toEqual(['refresh-0']);
  });

  it('costs three token requests at most when the consent is dead, for fifty callers and an old and a new seed', async () => {
    const here = world();
    here.clock.jump(HOUR_MS);
    here.server.valid = 'revoked';
    const callers = Array.from({ length: 10 }, () => keeperOf(here, { seed: 'dead too' })).flatMap((keeper) =>
      Array.from({ length: 5 }, () => keeper.get()),
    );

    const results = await Promise.allSettled(callers);
    await expect(keeperOf(here).get()).rejects.toThrow(NeedsConsentError);

    expect(results.every((one) => one.status === 'rejected' && one.reason instanceof NeedsConsentError)).toBe(
      true,
    );
    expect(here.server.sent.length).toBeLessThanOrEqual(3);
  });

  it('goes on by itself once somebody has signed in', async () => {
    const here = world();
    here.clock.jump(HOUR_MS);
    here.server.valid = 'revoked';
    const keeper = keeperOf(here);
    await expect(keeper.get()).rejects.toThrow(NeedsConsentError);
    expect(await keeper.authorizationStatus()).toMatchObject({ state: 'needs-consent' });

    await here.vault.store({
      generation: 2,
      accessToken: 'signed-in',
      accessTokenExpiresAt: isoTime(here.clock.now() + HOUR_MS),
      refreshToken: 'signed-in-too',
      obtainedAt: isoTime(here.clock.now()),
    });

    expect((await keeper.get()).value).toBe('signed-in');
    expect(await keeper.authorizationStatus()).toMatchObject({ state: 'connected' });
  });

  it('loses nothing in an hour of 503s, and does not hammer', async () => {
    const here = world();
    here.clock.jump(HOUR_MS);
    const startMs = here.clock.now();
    here.server.fault = () =>
      here.clock.now() < startMs + HOUR_MS ? new Response('', { status: 503 }) : undefined;

    const keepers = Array.from({ length: 8 }, () => keeperOf(here));
    const tokens = await Promise.all(keepers.map((keeper) => persist(keeper, here.clock, 2 * HOUR_MS)));

    expect(new Set(tokens)).toEqual(new Set(['access-1']));
    expect(here.server.sent.length).toBeLessThan(300);
  });

  it.each([
    ['a refused connection', () => connectionError('ECONNREFUSED')],
    ['a 429', () => new Response('', { status: 429, headers: { 'retry-after': '2' } })],
  ])('sends again soon after %s', async (_name, fault) => {
    const here = world();
    here.clock.jump(HOUR_MS);
    here.server.fault = () => (here.server.sent.length < 2 ? fault() : undefined);

    expect((await keeperOf(here).get()).value).toBe('access-1');
    expect(here.server.sent).toHaveLength(3);
  });

  it('believes a token endpoint that wants years of quiet for a quarter of an hour', async () => {
    const here = world();
    here.clock.jump(HOUR_MS);
    here.server.fault = () =>
      here.server.sent.length < 1
        ? new Response('', { status: 503, headers: { 'retry-after': '9999999999' } })
        : undefined;

    expect(await persist(keeperOf(here), here.clock, HOUR_MS)).toBe('access-1');

    const [first, second] = here.server.sent;
    const quietMs = (second?.atMs ?? 0) - (first?.atMs ?? 0);
    expect(quietMs).toBeGreaterThanOrEqual(900_000);
    expect(quietMs).toBeLessThan(960_000);
  });

  it('does not hold a backoff of years that an older version has stored', async () => {
    const here = world();
    here.clock.jump(HOUR_MS);
    const backoff = { untilMs: here.clock.now() + 9_999_999_999_000, failures: 1, reason: 'HTTP 429' };
    await here.ledger.write({ ...EMPTY_LEDGER, backoff }, 0);

    expect((await keeperOf(here).get()).value).toBe('access-1');
  });

  it.each([
    ['a reset', () => connectionError('ECONNRESET')],
    ['a 502', () => new Response('', { status: 502 })],
    ['a page of HTML', () => new Response('<html>')],
  ])('after %s sends again only when no answer can arrive any more', async (_name, fault) => {
    const here = world();
    here.clock.jump(HOUR_MS);
    here.server.fault = () => (here.server.sent.length < 1 ? fault() : undefined);

    await Promise.all([
      persist(keeperOf(here), here.clock, HOUR_MS),
      persist(keeperOf(here), here.clock, HOUR_MS),
    ]);

    const [first, second, ...more] = here.server.sent;
    expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(REQUEST_TIMEOUT_MS + LEASE_MS);
    expect(more).toEqual([]);
  });

  it('says what is wrong with a secret, to every worker, and recovers when it is corrected', async () => {
    const here = world();
    here.clock.jump(HOUR_MS);
    let wrong = true;
    here.server.fault = () =>
      wrong ? Response.json({ error: 'invalid_client' }, { status: 401 }) : undefined;

    const results = await Promise.allSettled([keeperOf(here).get(), keeperOf(here).get()]);
    expect(results).toEqual([
      { status: 'rejected', reason: expect.any(RequestRefusedError) },
      { status: 'rejected', reason: expect.any(RequestRefusedError) },
    ]);
    wrong = false;
    await here.clock.sleep(60_000);
    expect((await keeperOf(here).get()).value).toBe('access-1');
  });

  it('renews an idle connection once a day', async () => {
    const here = world();
    const keeper = keeperOf(here);
    await keeper.keepAlive();
    expect(here.server.sent).toHaveLength(0);

    here.clock.jump(21 * HOUR_MS);
    await keeper.keepAlive();
    await keeper.keepAlive();

    expect(here.server.sent).toHaveLength(1);
  });

  it('tells how long the connection lives if nothing renews it', async () => {
    const here = world();
    here.clock.jump(36 * HOUR_MS);

    expect(await keeperOf(here).authorizationStatus()).toEqual({
      state: 'connected',
      obtainedAt: '2026-11-22T00:00:00.000Z',
      expiresAt: '2026-12-06T00:00:00.000Z',
      daysLeft: 12,
    });
    expect(await keeperOf(world({ signedIn: false })).authorizationStatus()).toMatchObject({
      state: 'not-configured',
    });
  });
});

describe('a process that dies during a refresh', () => {
  class Crash extends Error {}

  /** Dies before or after the `at`-th call to the world, and does nothing any more. */
  function crashing(at: number, when: 'before' | 'after') {
    let calls = 0;
    let dead = false;
    const wrap: Wrap = (call) => async () => {
      if (dead) throw new Crash();
      calls += 1;
      const last = calls === at;
      if (last && when === 'before') dead = true;
      if (dead) throw new Crash();
      const result = await call();
      if (last) dead = true;
      if (dead) throw new Crash();
      return result;
    };
    return { wrap, isDead: () => dead };
  }

  it.each(['before', 'after'] as const)('(%s any call) loses only what nobody could keep', async (when) => {
    let points = 0;
    for (let at = 1; ; at += 1) {
      const here = world();
      here.clock.jump(HOUR_MS);
      const crash = crashing(at, when);
      await keeperOf(here, { wrap: crash.wrap })
        .get()
        .catch(() => {});
      if (!crash.isDead()) break;
      points = at;
      const rotated = here.server.valid !== 'refresh-0';
      const kept = (await here.vault.read())?.refreshToken === here.server.valid;

      const survivors = Array.from({ length: 3 }, () => keeperOf(here));
      const outcomes = await Promise.all(survivors.map((keeper) => persist(keeper, here.clock, HOUR_MS)));

      const lost = rotated && !kept;
      expect(new Set(outcomes), `crash ${when} call ${at}`).toEqual(
        new Set([lost ? 'needs-consent' : 'access-1']),
      );
      const times = here.server.sent.filter((one) => one.refreshToken === 'refresh-0').map((one) => one.atMs);
      expect(times.length).toBeLessThanOrEqual(2);
      const [first = 0, second] = times;
      if (second !== undefined) expect(second - first).toBeGreaterThanOrEqual(REQUEST_TIMEOUT_MS + LEASE_MS);
      if (kept && rotated) expect(times).toHaveLength(1);

      const before = here.server.sent.length;
      await Promise.allSettled(survivors.map((keeper) => keeper.get()));
      expect(here.server.sent).toHaveLength(before);
    }
    expect(points).toBeGreaterThanOrEqual(8);
  });

  it('does not send a token after it was frozen over the end of its lease', async () => {
    const here = world();
    here.clock.jump(HOUR_MS);
    const { ledger } = here;
    let frozen = false;
    const slow: World = {
      ...here,
      ledger: {
        read: () => ledger.read(),
        write: async (value, rev) => {
          const written = await ledger.write(value, rev);
          if (!frozen) {
            frozen = true;
            here.clock.jump(2 * LEASE_MS);
            await keeperOf(here).get();
          }
          return written;
        },
      },
    };

    expect(await persist(keeperOf(slow), here.clock, HOUR_MS)).toBe('access-1');

    expect(here.server.sent).toHaveLength(1);
  });

  it('is the only one that asks for a token, whatever token another process would send', async () => {
    const here = world({ signedIn: false });
    here.server.valid = 'seed-a';

    const [one, other] = await Promise.all([
      keeperOf(here, { seed: 'seed-a' }).get(),
      keeperOf(here, { seed: 'seed-b' }).get(),
    ]);

    expect(other).toEqual(one);
    expect(here.server.sent).toHaveLength(1);
  });

  it('lets a late answer end the need for consent', async () => {
    const here = world();
    here.clock.jump(HOUR_MS);
    let storeLate = async () => {};
    const slowVault: TokenVault = {
      read: () => here.vault.read(),
      store: (token) =>
        new Promise((resolve) => {
          storeLate = async () => resolve(await here.vault.store(token));
        }),
    };
    const slow = keeperOf({ ...here, vault: slowVault }).get();
    const outcome = await persist(keeperOf(here), here.clock, HOUR_MS);
    expect(outcome).toBe('needs-consent');

    await storeLate();

    expect((await slow).value).toBe('access-1');
    expect((await keeperOf(here).get()).value).toBe('access-1');
    expect((await keeperOf(here).authorizationStatus()).state).toBe('connected');
  });
});
