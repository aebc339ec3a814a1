import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { openPlace } from '../../infra/ops/run-ops.ts';
import { managementSignInOf } from '../../infra/ops/targets/management-token.ts';
import { storesOf } from '../../infra/ops/targets/stores.ts';
import { EVENTS } from '../../infra/sandbox/data/webhook-events.ts';
import { SANDBOX_CLIENT } from '../../infra/sandbox/sandbox.ts';
import { status } from '../../infra/status/status.ts';
import { isoTime } from '../../shared/clock.ts';
import { signatureOf } from '../../shared/webhooks/webhook-signature.ts';
import type { RunningCommand } from '../support/processes/run-command.ts';
import { type MirroredSandbox, mirrorSandbox } from './mirrored-sandbox.ts';

const SOON = { timeout: 10_000, interval: 100 };
const hooks = z.array(z.object({ event: z.string(), status: z.string(), isOurs: z.boolean() }));

let mirror: MirroredSandbox;
let endpoint: string;
let running: RunningCommand;

/** As if somebody had made the management sign-in. */
async function signInForManagement(): Promise<void> {
  await openPlace({ dataDir: mirror.dataDir })(async (target) => {
    const scopes = ['data:read', 'data:create', 'data:write'];
    const now = isoTime(Date.now());
    await managementSignInOf(target).vault.store({
      generation: 1,
      accessToken: 'renewed before its first use',
      accessTokenExpiresAt: now,
      obtainedAt: now,
      refreshToken: mirror.sandbox.authorization.issueRefreshToken(SANDBOX_CLIENT.clientId, scopes),
    });
  });
}

beforeAll(async () => {
  mirror = await mirrorSandbox(
    { scale: { pairs: 6, invites: 40, forms: 3, requests: 3, jobs: 3 } },
    {
      RESOURCES:
        'opportunity-project-pairs,projects,invites,opportunities,bids,opportunity-comments,data-connector-requests,data-connector-jobs',
    },
  );
  running = mirror.start('--port', '0');
  const { output } = running;
  await vi.waitUntil(() => output.stdout.includes('Callback URL'), { timeout: 100_000 });
  endpoint = /http:\/\/127\.0\.0\.1:\d+/.exec(output.stdout)?.[0] ?? '';
}, 120_000);
afterAll(() => mirror.close());

const address = () => `${endpoint}/webhooks/autodesk`;

const record = (resource: string, id: string, parentId?: string) =>
  openPlace({ dataDir: mirror.dataDir })((target) =>
    storesOf(target).records.get({ resource, id, ...(parentId !== undefined && { parentId }) }),
  );

describe('webhooks of npm start', { timeout: 120_000 }, () => {
  it('are set up by hand while nobody has signed in for it', async () => {
    const refused = await mirror.ops('webhooks', 'create', '--url', 'https://tunnel.test/webhooks/autodesk');

    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(
      'POST https://developer.api.autodesk.com/webhooks/v1/systems/autodesk.construction.bc/events/bid.created/hooks',
    );
    expect(refused.stderr).toContain('npm run ops -- authorize --scopes data:read,data:create,data:write');
    // Looking needs no more than the mirror's own token.
    expect((await mirror.ops('webhooks', 'list', '--json')).stdout.trim()).toBe('[]');
  });

  it('are not changed off a terminal without --yes, and need an address that Autodesk reaches', async () => {
    await signInForManagement();

    expect((await mirror.ops('webhooks', 'create')).stderr).toContain('Autodesk cannot reach');
    const refused = await mirror.ops('webhooks', 'create', '--url', 'https://tunnel.test/webhooks/autodesk');
    expect(refused.stderr).toContain('Nothing was changed');
    expect(mirror.sandbox.hooks.all()).toEqual([]);
  });

  it('bring what they tell of into the store within seconds, while the next look is minutes away', async () => {
    const created = await mirror.ops('webhooks', 'create', '--yes', '--url', address());
    expect(created.code, created.stderr).toBe(0);
    const { stdout } = await mirror.ops('webhooks', '--json');
    expect(hooks.parse(JSON.parse(stdout)).map(({ event, isOurs }) => [event, isOurs])).toEqual(
      EVENTS.map((event) => [event, true]),
    );
    const { live, data } = mirror.sandbox;

    const bid = await live.happen('bid-submitted');
    await expect.poll(() => record('bids', bid?.id ?? ''), SOON).toBeDefined();
    const lineItems = () =>
      openPlace({ dataDir: mirror.dataDir })(async (target) => {
        const list = { resource: 'bid-line-items', parentId: bid?.id ?? '' };
        return (await Array.fromAsync(storesOf(target).records.elements(list))).length;
      });
    // They are stored after their bid.
    await expect.poll(lineItems, SOON).toBe(data.elements('bid-line-items', bid?.id ?? '').length);

    const opportunity = await live.happen('opportunity-received');
    await expect.poll(() => record('opportunities', opportunity?.id ?? ''), SOON).toBeDefined();

    const decided = await live.happen('opportunity-decided');
    const state = data.record('opportunities', decided?.id ?? '')?.submissionState;
    await expect
      .poll(async () => (await record('opportunities', decided?.id ?? ''))?.data.submissionState, SOON)
      .toBe(state);

    const commented = await live.happen('comment-written');
    const comment = data.elements('opportunity-comments', commented?.id ?? '').at(-1);
    await expect
      .poll(() => record('opportunity-comments', String(comment?.id), commented?.id), SOON)
      .toBeDefined();

    data.putElements('opportunity-comments', commented?.id ?? '', []);
    mirror.sandbox.webhooks.tell('opportunity.comment.deleted', {
      opportunityId: commented?.id ?? '',
      commentId: String(comment?.id),
    });
    await expect
      .poll(
        async () => (await record('opportunity-comments', String(comment?.id), commented?.id))?.deletedAt,
        SOON,
      )
      .toBeDefined();
  });

  it('do no harm when they are lost, doubled, forged or late', async () => {
    const { live, webhooks, data } = mirror.sandbox;
    for (const fault of [
      { kind: 'lost' },
      { kind: 'doubled' },
      { kind: 'forged' },
      { kind: 'late', ms: 500 },
    ] as const) {
      webhooks.strikeNext(fault);
      const happened = await live.happen('opportunity-received');
      if (fault.kind === 'lost') continue;
      await expect.poll(() => record('opportunities', happened?.id ?? ''), SOON).toBeDefined();
    }
    const sent = webhooks.sent.slice(-3).map(({ outcomes }) => outcomes);
    expect(sent).toEqual([[202, 202], [202], [202]]);
    // The scheduled look is the truth: it finds what was lost.
    await mirror.ops('sync');
    await expect
      .poll(
        async () =>
          (await mirror.differences('opportunities')).length +
          (data.records('opportunities').length > 0 ? 0 : 1),
        { timeout: 60_000, interval: 500 },
      )
      .toBe(0);
  });

  it('refuses what somebody else has signed', async () => {
    const post = async (body: string, secret: string) =>
      (
        await fetch(`${endpoint}/webhooks/autodesk`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-adsk-signature': signatureOf(body, secret) },
          body,
        })
      ).status;
    const body = JSON.stringify({ hook: { event: 'bid.created' }, payload: { bidId: 'forged' } });
    const secret = (await mirror.ops('webhooks', 'secret')).stdout.trim();

    expect(await post(body, 'f'.repeat(64))).toBe(401);
    expect(await post(body, secret)).toBe(202);
    expect(await record('bids', 'forged')).toBeUndefined();
  });

  it('show in status', async () => {
    const { webhooks } = status.parse(JSON.parse((await mirror.ops('status', '--json')).stdout));

    expect(webhooks).toMatchObject({ callbackUrl: address(), refused: null });
    expect(webhooks?.hooks.map(({ status: how }) => how)).toEqual(EVENTS.map(() => 'active'));
    expect(webhooks?.eventsLastDay).toBeGreaterThan(7);
    expect(webhooks?.lastEventAt).not.toBeNull();
  });

  it('are switched on again by the daily look, which then reads what they did not tell', async () => {
    const { hooks: made, live, journal } = mirror.sandbox;
    const hook = made.all().find(({ event }) => event === 'opportunity.created');
    made.change(hook?.hookId ?? '', { status: 'inactive' });
    const missed = await live.happen('opportunity-received');
    expect(await record('opportunities', missed?.id ?? '')).toBeUndefined();
    const before = journal.count();

    await openPlace({ dataDir: mirror.dataDir })((target) =>
      storesOf(target).fetchQueue.send({ kind: 'keep-alive' }),
    );

    await expect.poll(() => record('opportunities', missed?.id ?? ''), SOON).toBeDefined();
    expect(made.get(hook?.hookId ?? '')?.status).toBe('active');
    const calls = journal.entries().slice(before);
    const revived = calls.findIndex(({ method, path }) => method === 'PATCH' && path.includes('/webhooks/'));
    expect(revived).toBeGreaterThan(-1);
    expect(calls.findIndex(({ path }) => path.endsWith('/v2/opportunities'))).toBeGreaterThan(revived);
    const told = await live.happen('opportunity-received');
    await expect.poll(() => record('opportunities', told?.id ?? ''), SOON).toBeDefined();
  });

  it('keep coming when the secret is rotated, and stop when they are removed', async () => {
    const old = mirror.sandbox.hooks.all().map(({ token }) => token);
    expect((await mirror.ops('webhooks', 'rotate', '--yes', '--url', address())).code).toBe(0);
    const changed = mirror.sandbox.hooks.all();
    expect(changed.map(({ event }) => event)).toEqual(EVENTS);
    for (const { token } of changed) expect(old).not.toContain(token);

    const happened = await mirror.sandbox.live.happen('opportunity-received');
    // The forged one has just had the secret read; this one may be refused at first, and then comes again.
    await expect
      .poll(() => record('opportunities', happened?.id ?? ''), { ...SOON, timeout: 60_000 })
      .toBeDefined();

    expect((await mirror.ops('webhooks', 'remove', '--yes')).code).toBe(0);
    expect(mirror.sandbox.hooks.all()).toEqual([]);
  });

  it('move to another address: the new ones first, then the old ones go', async () => {
    const asked: string[] = [];
    const { journal } = mirror.sandbox;
    await mirror.ops('webhooks', 'create', '--yes', '--url', 'http://127.0.0.1:9/webhooks/autodesk');
    const before = journal.count();
    await mirror.ops('webhooks', 'create', '--yes', '--url', address());

    for (const { method, path } of journal.entries().slice(before)) {
      if (path.startsWith('/webhooks/') && asked.at(-1) !== method) asked.push(method);
    }
    expect(asked).toEqual(['GET', 'POST', 'PATCH', 'DELETE']);
    expect(mirror.sandbox.hooks.all().map(({ callbackUrl }) => callbackUrl)).toEqual(EVENTS.map(address));
    const again = await mirror.ops('webhooks', 'create', '--yes', '--json', '--url', address());
    expect(JSON.parse(again.stdout)).toMatchObject({ created: [], removed: [] });
  });

  it('are looked at when a start begins, since Autodesk may have switched them off while nothing answered', async () => {
    running.child.kill('SIGTERM');
    await running.ended;
    const [hook] = mirror.sandbox.hooks.all();
    mirror.sandbox.hooks.change(hook?.hookId ?? '', { status: 'inactive' });
    mirror.start('--port', '0');

    await expect
      .poll(() => mirror.sandbox.hooks.get(hook?.hookId ?? '')?.status, { timeout: 60_000, interval: 100 })
      .toBe('active');
  });
});
