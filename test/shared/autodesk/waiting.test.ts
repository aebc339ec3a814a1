import { describe, expect, it } from 'vitest';
import { EMPTY_WINDOW, type RateWindow } from '../../../shared/autodesk/budget/rate-window.ts';
import { EMPTY_LEDGER, type RefreshLedger } from '../../../shared/autodesk/connection/refresh-ledger.ts';
import { readWaiting, waitText } from '../../../shared/autodesk/connection/waiting.ts';
import { isoTime } from '../../../shared/clock.ts';
import { memoryStateItem } from '../../support/autodesk/memory-state-item.ts';
import { memoryTokenVault } from '../../support/autodesk/memory-token-vault.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const clock = new VirtualClock();
const MINUTE_MS = 60_000;
const inMinutes = (minutes: number) => clock.now() + minutes * MINUTE_MS;

function waiting(stored: {
  buildingConnected?: Partial<RateWindow>;
  dataConnector?: Partial<RateWindow>;
  ledger?: Partial<RefreshLedger>;
  tokenExpiresAtMs?: number;
}) {
  const { tokenExpiresAtMs } = stored;
  const token = tokenExpiresAtMs !== undefined && {
    generation: 1,
    accessToken: 'access',
    accessTokenExpiresAt: isoTime(tokenExpiresAtMs),
    refreshToken: 'refresh',
    obtainedAt: isoTime(clock.now()),
  };
  return readWaiting({
    windows: {
      buildingconnected: memoryStateItem({ ...EMPTY_WINDOW, ...stored.buildingConnected }),
      'data-connector': memoryStateItem({ ...EMPTY_WINDOW, ...stored.dataConnector }),
    },
    ledger: memoryStateItem({ ...EMPTY_LEDGER, ...stored.ledger }),
    vault: memoryTokenVault(token || undefined),
    clock,
  });
}

const backoff = { untilMs: inMinutes(4), failures: 3, reason: 'HTTP 503' };

describe('what work waits for', () => {
  it('is nothing while nothing is stored, and once the time is over', async () => {
    expect(await waiting({})).toBeUndefined();
    expect(await waiting({ buildingConnected: { pausedUntilMs: clock.now() } })).toBeUndefined();
  });

  it('is the pause that ends last, with its reason', async () => {
    const found = await waiting({
      buildingConnected: { pausedUntilMs: inMinutes(2), pausedBy: 'rate-limit' },
      dataConnector: { pausedUntilMs: inMinutes(5), pausedBy: 'unavailable' },
    });
    expect(found).toEqual({
      api: 'data-connector',
      until: isoTime(inMinutes(5)),
      reason: 'unavailable',
      isAsked: true,
    });
  });

  it('is a rate limit where a version before this one has stored the pause', async () => {
    const found = await waiting({ buildingConnected: { pausedUntilMs: inMinutes(2) } });
    expect(found).toMatchObject({ api: 'buildingconnected', reason: 'rate-limit' });
  });

  it('is never a pause of years', async () => {
    const pausedUntilMs = clock.now() + 9_999_999_999_000;
    expect(await waiting({ buildingConnected: { pausedUntilMs } })).toBeUndefined();
    expect(await waiting({ ledger: { backoff: { ...backoff, untilMs: pausedUntilMs } } })).toBeUndefined();
  });

  it('is the token endpoint, but not while there is a token that works', async () => {
    const down = { api: 'authentication', until: isoTime(inMinutes(4)), reason: 'unavailable' };
    expect(await waiting({ ledger: { backoff } })).toEqual({ ...down, isAsked: false });
    const asked = { ...backoff, askedBy: 'rate-limit' as const };
    expect(await waiting({ ledger: { backoff: asked }, tokenExpiresAtMs: clock.now() - 1 })).toEqual({
      ...down,
      reason: 'rate-limit',
      isAsked: true,
    });
    expect(await waiting({ ledger: { backoff }, tokenExpiresAtMs: inMinutes(1) })).toBeUndefined();
  });

  it('is a token request without an answer, until it may be repeated', async () => {
    const intent = { tokenHash: 'hash', sentAtMs: clock.now(), attempts: 1 };
    expect(await waiting({ ledger: { intent } })).toMatchObject({
      api: 'authentication',
      until: isoTime(clock.now() + 30_000),
    });
    const lease = { owner: 'a', untilMs: clock.now() + 10_000 };
    expect(await waiting({ ledger: { intent, lease } })).toBeUndefined();
  });

  it('is no time where a person has to do something first', async () => {
    const refusal = { code: 'INVALID_CLIENT' as const, status: 401 };
    expect(await waiting({ ledger: { backoff: { ...backoff, refusal } } })).toBeUndefined();
  });

  it('is told with the minute in which it is over', () => {
    const until = '2026-07-18T02:06:01.000Z';
    expect(waitText({ api: 'buildingconnected', until, reason: 'rate-limit' }, 'UTC')).toBe(
      'until Jul 18, 2026, 2:07 AM UTC (rate limit)',
    );
    expect(waitText({ api: 'authentication', until, reason: 'unavailable' }, 'UTC')).toBe(
      'until Jul 18, 2026, 2:07 AM UTC (sign-in service unavailable)',
    );
  });
});
