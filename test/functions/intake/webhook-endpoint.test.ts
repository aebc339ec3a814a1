import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { createIntake } from '../../../functions/intake/intake.ts';
import { WEBHOOK_ROUTE, type WebhookPorts } from '../../../functions/intake/receive-webhook.ts';
import type { Clock } from '../../../shared/clock.ts';
import { signatureOf } from '../../../shared/webhooks/webhook-signature.ts';
import { aWorld, CURRENT_TOKEN, OLD_TOKEN, PREVIOUS_TOKEN } from './intake-world.ts';

const LISTS = ['bids', 'opportunities', 'opportunity-comments'];

let world: ReturnType<typeof aWorld>;
beforeEach(() => {
  world = aWorld();
});

interface Sent {
  body: string | Buffer;
  signature?: string | undefined;
  deliveryId?: string;
  method?: string;
  contentType?: string;
}

function eventOf(name: string, payload: unknown): string {
  const hook = {
    hookId: 'h1',
    event: name,
    system: 'autodesk.construction.bc',
    callbackUrl: 'https://x.test',
  };
  return JSON.stringify({ version: '1.0', resourceUrn: 'urn:x', hook, payload });
}

async function send(
  { body, signature, deliveryId, method = 'POST', contentType = 'application/json' }: Sent,
  ports: Partial<WebhookPorts> = {},
) {
  const bytes = Buffer.from(body);
  const intake = createIntake({ ...world.ports, enabledResources: LISTS, ...ports });
  const event = {
    version: '2.0',
    routeKey: WEBHOOK_ROUTE,
    rawPath: '/webhooks/autodesk',
    headers: {
      'content-type': contentType,
      ...(signature !== undefined && { 'x-adsk-signature': signature }),
      ...(deliveryId !== undefined && { 'x-adsk-delivery-id': deliveryId }),
    },
    body: bytes.toString('base64'),
    isBase64Encoded: true,
    requestContext: { http: { method } },
  };
  const answer = await intake(event, {} as never);
  return { status: answer?.statusCode, json: JSON.parse(answer?.body ?? '{}') };
}

function signed(body: string | Buffer, secret = CURRENT_TOKEN): Sent {
  return { body, signature: signatureOf(Buffer.from(body), secret) };
}

describe('the webhook endpoint', () => {
  it.each([
    ['bid.created', { bidId: 'b1' }, 'bids b1'],
    ['bid.created-1.0', { bidId: 'b1' }, 'bids b1'],
    ['opportunity.created-1.0', { opportunityId: 'o1' }, 'opportunities o1'],
    ['opportunity.status.updated', { opportunityId: 'o1', newState: 'SUBMITTED' }, 'opportunities o1'],
    [
      'opportunity.comment.created-1.0',
      { opportunityId: 'o1', commentId: 'c1' },
      'opportunity-comments o1/c1',
    ],
    ['opportunity.comment.updated', { opportunityId: 'o1', commentId: 'c1' }, 'opportunity-comments o1/c1'],
    [
      'opportunity.comment.deleted-1.0',
      { opportunityId: 'o1', commentId: 'c1', content: 'gone', userName: 'Ada' },
      'opportunity-comments o1/c1',
    ],
  ])('has the record of %s read', async (name, payload, read) => {
    const answer = await send({ ...signed(eventOf(name, payload)), deliveryId: 'd1' });

    expect(answer).toEqual({ status: 202, json: { status: 'accepted' } });
    expect(world.events).toEqual([`send read-record ${read} after 0 s`]);
  });

  it('is told apart by its delivery id, and read once', async () => {
    const event = signed(eventOf('bid.created', { bidId: 'b1' }));

    const answers = [];
    for (let time = 0; time < 3; time += 1) answers.push((await send({ ...event, deliveryId: 'd1' })).json);
    world.pass(3 * 86_400);
    answers.push((await send({ ...event, deliveryId: 'd1' })).json);

    expect(answers.map(({ status }) => status)).toEqual(['accepted', 'duplicate', 'duplicate', 'duplicate']);
    expect(world.events).toHaveLength(1);
  });

  it('without a delivery id counts an equal body once, until the read may have begun', async () => {
    const event = signed(eventOf('opportunity.comment.updated', { opportunityId: 'o1', commentId: 'c1' }));
    await send(event);
    world.pass(1);
    expect((await send(event)).json).toEqual({ status: 'duplicate' });
    world.pass(2);
    expect((await send(event)).json).toEqual({ status: 'accepted' });

    expect(world.events).toEqual([
      'send read-record opportunity-comments o1/c1 after 3 s',
      'send read-record opportunity-comments o1/c1 after 3 s',
    ]);
  });

  it('is queued again when the queue had refused it', async () => {
    const event = { ...signed(eventOf('bid.created', { bidId: 'b1' })), deliveryId: 'd1' };
    world.failNext('send read-record bids b1 after 0 s');

    expect((await send(event)).status).toBe(503);
    expect(await send(event)).toEqual({ status: 202, json: { status: 'accepted' } });
    expect(world.events).toEqual(['send read-record bids b1 after 0 s']);
  });

  it('is queued before it counts as taken', async () => {
    const event = { ...signed(eventOf('bid.created', { bidId: 'b1' })), deliveryId: 'd1' };
    const { deliveries } = world.ports;
    const failing = {
      ...deliveries,
      take: async () => {
        throw new Error('throttled');
      },
    };

    expect((await send(event, { deliveries: failing })).status).toBe(503);
    expect(world.events).toHaveLength(1);
    expect((await send(event)).json).toEqual({ status: 'accepted' });
  });

  it.each([
    ['an event we do not know', eventOf('opportunity.archived-1.0', { opportunityId: 'o1' })],
    ['an event named like something that every object has', eventOf('constructor', {})],
    [
      'an event of another system',
      eventOf('bid.created', { bidId: 'b1' }).replace('construction.bc', 'docs'),
    ],
  ])('takes %s and does nothing', async (_what, body) => {
    expect(await send(signed(body))).toEqual({ status: 202, json: { status: 'ignored' } });
    expect(world.events).toEqual([]);
  });

  it('does nothing about a list that is not mirrored', async () => {
    const body = eventOf('opportunity.comment.created', { opportunityId: 'o1', commentId: 'c1' });

    const answer = await send(signed(body), { enabledResources: ['opportunities'] });

    expect(answer).toEqual({ status: 202, json: { status: 'ignored' } });
    expect(world.events).toEqual([]);
  });

  it.each([
    ['with another method', { method: 'GET' }, 405],
    ['that is too large', signed('x'.repeat(256 * 1024 + 1)), 413],
    ['without a signature', { signature: undefined }, 401],
    ['with an empty signature', { signature: '' }, 401],
    ['signed with another secret', signed(eventOf('bid.created', { bidId: 'b1' }), OLD_TOKEN), 401],
    [
      'with the bare hash',
      { signature: signatureOf(eventOf('bid.created', { bidId: 'b1' }), CURRENT_TOKEN).slice(9) },
      401,
    ],
    ['that is not JSON by its type', { contentType: 'text/plain' }, 415],
    ['that is not JSON', signed('{'), 400],
    ['that is not UTF-8', signed(Buffer.from([0xff, 0xfe])), 400],
    ['without a hook', signed('{"payload":{"bidId":"b1"}}'), 400],
    ['without the id', signed(eventOf('bid.created', {})), 400],
    ['with an id that is none', signed(eventOf('bid.created', { bidId: '..' })), 400],
  ])('refuses a request %s', async (_what, changed, status) => {
    const good = signed(eventOf('bid.created', { bidId: 'b1' }));

    expect((await send({ ...good, ...changed })).status).toBe(status);
    expect(world.events).toEqual([]);
  });

  it('names the fields of a malformed event', async () => {
    const { json } = await send(signed(eventOf('opportunity.comment.created', { opportunityId: 'o/1' })));

    expect(json.errors.map(({ field }: { field: string }) => field)).toEqual([
      'payload.commentId',
      'payload.opportunityId',
    ]);
  });

  it('is not there while no secret is set', async () => {
    world.webhookSecret.secret = undefined;

    expect((await send(signed(eventOf('bid.created', { bidId: 'b1' })))).status).toBe(404);
    expect(world.events).toEqual([]);
  });

  it('believes the current and the previous secret, and no older one', async () => {
    const body = eventOf('bid.created', { bidId: 'b1' });

    expect((await send(signed(body, PREVIOUS_TOKEN))).status).toBe(202);
    expect((await send(signed(body, OLD_TOKEN))).status).toBe(401);
  });

  it('answers within a second while the queue is slow, so that Autodesk sends the event again', async () => {
    let now = 0;
    const slept: number[] = [];
    const clock: Clock = {
      now: () => now,
      // The wait ends, the queue does not.
      async sleep(ms) {
        slept.push(ms);
        now += ms;
      },
    };
    const event = { ...signed(eventOf('bid.created', { bidId: 'b1' })), deliveryId: 'd1' };
    const slow = { send: () => new Promise<void>(() => {}) };

    expect((await send(event, { clock, fetchQueue: slow })).status).toBe(503);
    expect(Math.max(...slept)).toBeLessThan(1_000);
    expect((await send(event)).json).toEqual({ status: 'accepted' });
  });

  it('accepts nothing that is not signed, whatever it is sent', async () => {
    const names = fc.constantFrom(
      'bid.created',
      'opportunity.created-1.0',
      'opportunity.comment.deleted',
      'x',
    );
    const bodies = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
      fc.json().map((text) => Buffer.from(text)),
      fc
        .tuple(names, fc.dictionary(fc.constantFrom('bidId', 'opportunityId', 'commentId'), fc.string()))
        .map(([name, payload]) => Buffer.from(eventOf(name, payload))),
    );
    const signatures = fc.oneof(
      fc.constant(undefined),
      fc.string(),
      fc
        .string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 40, maxLength: 40 })
        .map((hex) => `sha1hash=${hex}`),
      fc.constantFrom('right', 'previous', 'of another body'),
    );
    await fc.assert(
      fc.asyncProperty(
        bodies,
        signatures,
        fc.option(fc.uuid(), { nil: undefined }),
        async (body, how, id) => {
          world.events.length = 0;
          const signature =
            how === 'right'
              ? signatureOf(body, CURRENT_TOKEN)
              : how === 'previous'
                ? signatureOf(body, PREVIOUS_TOKEN)
                : how === 'of another body'
                  ? signatureOf(Buffer.concat([body, Buffer.from(' ')]), CURRENT_TOKEN)
                  : how;
          const { status = 0 } = await send({ body, signature, ...(id !== undefined && { deliveryId: id }) });
          const isSigned = how === 'right' || how === 'previous';
          expect(status).toBeLessThan(500);
          if (!isSigned) {
            expect(status).toBe(401);
            expect(world.events).toEqual([]);
          } else {
            expect([202, 400]).toContain(status);
          }
        },
      ),
      { numRuns: 10_000 },
    );
  }, 60_000);
});
