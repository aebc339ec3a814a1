import { describe, expect, it } from 'vitest';
import { SANDBOX_CLIENT, type Sandbox } from '../../../infra/sandbox/sandbox.ts';
import { ManagementClient } from '../../../shared/autodesk/client/management-client.ts';
import { WebhooksClient } from '../../../shared/autodesk/client/webhooks-client.ts';
import { AutodeskHttp } from '../../../shared/autodesk/http/http.ts';
import { autodeskOrigin } from '../../../shared/autodesk/http/origin.ts';
import { systemClock } from '../../../shared/clock.ts';
import { systemRandomness } from '../../../shared/randomness.ts';
import { WEBHOOK_SYSTEM } from '../../../shared/webhooks/webhook-event.ts';
import { signatureOf } from '../../../shared/webhooks/webhook-signature.ts';
import { fakeFetch } from '../../support/autodesk/fake-fetch.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';
import { connect } from './client.ts';
import { startForTest } from './sandboxes.ts';

const URL = 'http://127.0.0.1:9/webhooks/autodesk';
const ALL = ['data:read', 'data:create', 'data:write'];

async function clientOf(sandbox: Sandbox, scopes = ALL): Promise<WebhooksClient> {
  const { accessToken: value } = await connect(sandbox, scopes);
  const origin = autodeskOrigin.parse(sandbox.origin);
  const client = new ManagementClient({
    http: new AutodeskHttp({ fetch: globalThis.fetch, origin, timeoutMs: 5_000 }),
    tokens: { get: async () => ({ value, generation: 1 }), refused: () => {} },
    clock: systemClock,
    randomness: systemRandomness,
  });
  return new WebhooksClient(client, WEBHOOK_SYSTEM, 'US');
}

const wanted = (sandbox: Sandbox, event = 'bid.created') => ({
  event,
  callbackUrl: URL,
  companyId: String(sandbox.user.companyId),
  hookAttribute: { stage: 'test' },
});

describe('the webhooks API', () => {
  it('is empty, then has what was made, page by page, until it is removed', async () => {
    const sandbox = await startForTest({ webhooks: { pageSize: 2 } });
    const client = await clientOf(sandbox);
    expect(await client.list()).toEqual([]);

    const events = ['bid.created', 'opportunity.created', 'opportunity.status.updated'];
    const ids: string[] = [];
    for (const event of events) ids.push(await client.create(wanted(sandbox, event)));
    const listed = await client.list();
    expect(
      listed.map(({ hookId, event, status, callbackUrl }) => [hookId, event, status, callbackUrl]),
    ).toEqual(ids.map((id, index) => [id, `${events[index]}-1.0`, 'active', URL]));
    expect(listed[0]?.hookAttribute).toEqual({ stage: 'test' });
    expect(JSON.stringify(listed)).not.toContain('token');

    for (const one of listed) await client.remove(one);
    expect(await client.list()).toEqual([]);
  });

  it('lets a token that can only read look, and nothing more', async () => {
    const sandbox = await startForTest();
    const hookId = await (await clientOf(sandbox)).create(wanted(sandbox));
    const reader = await clientOf(sandbox, ['data:read']);

    expect(await reader.list()).toHaveLength(1);
    const refused = { code: 'MANAGEMENT_SCOPE', status: 403 };
    await expect(reader.create(wanted(sandbox))).rejects.toMatchObject(refused);
    await expect(reader.change({ event: 'bid.created', hookId }, { status: 'active' })).rejects.toMatchObject(
      refused,
    );
    await expect(reader.remove({ event: 'bid.created', hookId })).rejects.toMatchObject(refused);
  });

  it('calls nobody but this machine, and nobody of another company', async () => {
    const sandbox = await startForTest();
    const client = await clientOf(sandbox);

    const elsewhere = { ...wanted(sandbox), callbackUrl: 'https://elsewhere.test/' };
    await expect(client.create(elsewhere)).rejects.toMatchObject({ status: 400 });
    await expect(client.create({ ...wanted(sandbox), companyId: 'x' })).rejects.toMatchObject({
      status: 403,
    });
    expect(sandbox.hooks.all()).toEqual([]);
  });
});

describe('the calls of a hook', () => {
  const answer = (status: number) => () => new Response('{}', { status });

  async function withHook(...statuses: number[]) {
    const { fetch, seen } = fakeFetch(...statuses.map(answer));
    const clock = new VirtualClock();
    const sandbox = await startForTest({
      clock,
      fetch,
      clients: [{ ...SANDBOX_CLIENT, redirectUris: [] }],
      webhooks: { retriesMs: [1_000, 2_000, 3_000, 4_000], reactivatedAfterMs: 60_000 },
    });
    const hook = sandbox.hooks.add({
      event: 'bid.created',
      callbackUrl: URL,
      companyId: 'c',
      autoReactivateHook: true,
      token: 'secret',
    });
    const status = () => sandbox.hooks.get(hook.hookId)?.status;
    return { sandbox, seen, status };
  }

  it('are signed, with an id that stays the same when they are repeated', async () => {
    const { sandbox, seen } = await withHook(500, 202);
    const bid = await sandbox.live.happen('bid-submitted');
    await expect.poll(() => sandbox.webhooks.sent[0]?.outcomes).toEqual([500, 202]);

    const [first, second] = seen;
    expect(first?.headers.get('x-adsk-signature')).toBe(signatureOf(first?.body ?? '', 'secret'));
    expect(second?.headers.get('x-adsk-delivery-id')).toBe(first?.headers.get('x-adsk-delivery-id'));
    expect(JSON.parse(first?.body ?? '')).toMatchObject({
      hook: { event: 'bid.created-1.0', system: WEBHOOK_SYSTEM },
      payload: { bidId: bid?.id },
    });
  });

  it('are given up after four more tries: the hook is off, until it is reactivated by itself', async () => {
    const { sandbox, seen, status } = await withHook(503);
    sandbox.webhooks.tell('bid.created', { bidId: 'b1' });
    await expect.poll(() => seen.length).toBe(5);
    await expect.poll(status).toBe('reactivated');
  });

  it('are not made while the hook is off, nor later', async () => {
    const { sandbox, seen, status } = await withHook(202);
    const [{ hookId = '' } = {}] = sandbox.hooks.all();
    sandbox.hooks.change(hookId, { status: 'inactive' });
    sandbox.webhooks.tell('bid.created', { bidId: 'missed' });
    sandbox.hooks.change(hookId, { status: 'reactivated' });
    sandbox.webhooks.tell('bid.created', { bidId: 'told' });

    await expect.poll(status).toBe('active');
    expect(seen.map(({ body }) => JSON.parse(body).payload.bidId)).toEqual(['told']);
  });
});
