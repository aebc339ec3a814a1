import type { Context } from 'aws-lambda';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ReceivePorts } from '../../../functions/slack/receive-click.ts';
import { createSlack } from '../../../functions/slack/slack.ts';
import { signedClick } from '../../../infra/sandbox/slack/click.ts';
import { SANDBOX_SLACK } from '../../../infra/sandbox/slack/workspace.ts';
import { signatureOf } from '../../../shared/alerts/clicks/slack-signature.ts';
import { evaluateAlerts } from '../../../shared/alerts/evaluate-alerts.ts';
import { silentLog } from '../../../shared/observability/log.ts';
import { noMetrics } from '../../../shared/observability/metrics.ts';
import type { AlertMessageInput } from '../../../shared/queue/messages.ts';
import { AlertsWorld } from '../../support/alerts/alerts-world.ts';
import { InMemoryClickLog } from '../../support/alerts/in-memory-stores.ts';
import { SlackInMemory } from '../../support/alerts/slack-in-memory.ts';

const { signingSecret: SECRET } = SANDBOX_SLACK;

let world: AlertsWorld;
let slack: SlackInMemory;
let queued: AlertMessageInput[];
let failing: boolean;

beforeEach(() => {
  world = new AlertsWorld();
  slack = new SlackInMemory(world.clock);
  queued = [];
  failing = false;
  slackFunction = functionWith();
});

function functionWith(more: Partial<ReceivePorts> = {}) {
  return createSlack({
    incidents: {
      live: async () => {
        if (failing) throw new Error('DynamoDB is down');
        return world.incidents.live();
      },
      put: (incident) => world.incidents.put(incident),
      channels: () => world.incidents.channels(),
    },
    clickLog: new InMemoryClickLog(),
    alertQueue: { send: async (message) => void queued.push(message) },
    signingSecret: async () => SECRET,
    ...more,
    clock: world.clock,
    log: silentLog,
    metrics: noMetrics,
  });
}

let slackFunction: ReturnType<typeof functionWith>;

interface Request {
  headers: Record<string, string>;
  body: string;
}

function send({ headers, body }: Request, method = 'POST', call = slackFunction) {
  const event = {
    version: '2.0',
    headers,
    body: Buffer.from(body).toString('base64'),
    isBase64Encoded: true,
    requestContext: { http: { method } },
  };
  return call(event, {} as Context);
}

async function statusOf(request: Request, method?: string): Promise<number> {
  return (await send(request, method)).statusCode;
}

/** One pair has failed, and Slack shows it. */
async function aFailure() {
  world.storePair('p1', { fileStatus: 'FAILED' });
  await evaluateAlerts([], { ...world.ports, notifiers: [slack.notifier] });
  const [message] = slack.roots;
  const [incident] = await world.incidents.live();
  if (message === undefined || incident === undefined) throw new Error('Nothing was told.');
  return { message, incident };
}

async function aClick(): Promise<Request> {
  const { message, incident } = await aFailure();
  const request = slack.click(message, 'acknowledge', incident.id, { id: 'U7', name: 'ben.ortiz' });
  if (request === undefined) throw new Error('There is no button.');
  return request;
}

async function nothingHappened() {
  expect(queued).toEqual([]);
  for (const { state } of await world.incidents.live()) expect(state).toBe('open');
}

/** A body of any kind, signed as Slack would. */
function signed(body: string): Request {
  const timestamp = String(Math.floor(world.clock.now() / 1_000));
  return {
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': signatureOf(timestamp, Buffer.from(body), SECRET),
    },
    body,
  };
}

describe('a click on Acknowledge', () => {
  it('changes the incident, names who clicked in its history, and asks for an evaluation', async () => {
    const response = await send(await aClick());

    expect(response).toEqual({ statusCode: 200, headers: {}, body: '' });
    const [incident] = await world.incidents.live();
    expect(incident).toMatchObject({
      state: 'acknowledged',
      handled: { who: 'ben.ortiz', slackUserId: 'U7' },
    });
    expect(incident?.history.at(-1)).toMatchObject({
      who: 'ben.ortiz',
      slackUserId: 'U7',
      what: 'acknowledged',
    });
    expect(queued).toEqual([{ kind: 'evaluate' }]);
  });

  it('that comes twice changes nothing more, and has the person told what is true', async () => {
    const { message, incident } = await aFailure();
    const click = () => slack.click(message, 'acknowledge', incident.id, { id: 'U7', name: 'ben.ortiz' });
    const first = click();
    world.minutesPass(1);
    const second = click();
    if (first === undefined || second === undefined) throw new Error('There is no button.');
    world.clock.jump(-60_000);
    await send(first);
    await send(second);

    expect(queued.at(-1)).toEqual({
      kind: 'evaluate',
      answer: { incidentId: incident.id, channel: SANDBOX_SLACK.channel, user: 'U7' },
    });
    expect((await world.incidents.live())[0]?.change.number).toBe(2);
  });

  it('that another change came before is made on what is true then', async () => {
    const request = await aClick();
    const [incident] = await world.incidents.live();
    if (incident === undefined) throw new Error('There is no incident.');
    const call = functionWith({
      incidents: {
        live: () => world.incidents.live(),
        put: async (next) => {
          await world.incidents.put(incident);
          return world.incidents.put(next);
        },
        channels: () => world.incidents.channels(),
      },
    });
    expect((await send(request, 'POST', call)).statusCode).toBe(200);
    expect((await world.incidents.live())[0]?.state).toBe('acknowledged');
  });

  it('that cannot be stored is answered with 503, and can be made again', async () => {
    const { message, incident } = await aFailure();
    failing = true;
    const request = slack.click(message, 'acknowledge', incident.id);
    expect(request && (await statusOf(request))).toBe(503);
    failing = false;
    world.clock.jump(1_000);
    const again = slack.click(message, 'acknowledge', incident.id);
    expect(again && (await statusOf(again))).toBe(200);
    expect((await world.incidents.live())[0]?.state).toBe('acknowledged');
  });

  it('from a menu counts as one from a button', async () => {
    const { message, incident } = await aFailure();
    const value = `silence ${incident.id}`;
    const click = signedClick(message, { actionId: 'incident', blockId: 'b', value }, world.clock);

    expect(await statusOf(click)).toBe(200);
    expect((await world.incidents.live())[0]?.state).toBe('silenced');
  });
});

describe('a request that is not to be taken', () => {
  it.each<[string, (request: Request) => Request, number]>([
    ['without a signature', ({ body }) => ({ headers: {}, body }), 401],
    [
      'with another signature',
      (r) => ({ ...r, headers: { ...r.headers, 'x-slack-signature': 'v0=00' } }),
      401,
    ],
    ['with another body', (r) => ({ ...r, body: r.body.replace('acknowledge', 'silence') }), 401],
    ['that was truncated', (r) => ({ ...r, body: r.body.slice(0, -10) }), 401],
    ['without a time', (r) => ({ ...r, headers: { ...r.headers, 'x-slack-request-timestamp': '' } }), 401],
    ['at another time', (r) => ({ ...r, headers: { ...r.headers, 'x-slack-request-timestamp': '1' } }), 401],
    ['that is too large', (r) => ({ ...r, body: 'x'.repeat(1024 * 1024 + 1) }), 413],
  ])('%s', async (_what, change, status) => {
    expect(await statusOf(change(await aClick()))).toBe(status);
    await nothingHappened();
  });

  it.each([-6, 6])('signed %i minutes ago', async (minutes) => {
    const request = await aClick();
    world.minutesPass(minutes);
    expect(await statusOf(request)).toBe(401);
    await nothingHappened();
  });

  it('that came before', async () => {
    const request = await aClick();
    expect(await statusOf(request)).toBe(200);
    queued = [];
    expect(await statusOf(request)).toBe(401);
    expect(queued).toEqual([]);
  });

  it('that is no form', async () => {
    const { headers, body } = await aClick();
    expect(await statusOf({ headers: { ...headers, 'content-type': 'application/json' }, body })).toBe(415);
    await nothingHappened();
  });

  it('with another method', async () => {
    const response = await send(await aClick(), 'GET');
    expect(response).toMatchObject({ statusCode: 405, headers: { allow: 'POST' } });
    await nothingHappened();
  });

  it('where no app is configured', async () => {
    const request = await aClick();
    const unconfigured = functionWith({ signingSecret: async () => undefined });

    expect((await send(request, 'POST', unconfigured)).statusCode).toBe(404);
    await nothingHappened();
  });

  it.each<[string, (payload: string) => string]>([
    ['another workspace', (p) => p.replaceAll(SANDBOX_SLACK.teamId, 'T0OTHER')],
    ['another app', (p) => p.replaceAll(SANDBOX_SLACK.appId, 'A0OTHER')],
    ['another channel', (p) => p.replaceAll(SANDBOX_SLACK.channel, 'C0OTHER')],
  ])('from %s', async (_what, change) => {
    const { body } = await aClick();
    const payload = change(new URLSearchParams(body).get('payload') ?? '');

    expect(await statusOf(signed(new URLSearchParams({ payload }).toString()))).toBe(403);
    await nothingHappened();
  });
});

describe('what Slack sends besides', () => {
  it.each([
    ['another interaction', { type: 'view_submission' }, 200],
    ['a button of somebody else', blockActions('approve 1'), 200],
    ['no action at all', { ...blockActions(''), actions: [] }, 400],
    ['no JSON', undefined, 400],
  ])('is answered and does nothing: %s', async (_what, payload, status) => {
    await aFailure();
    const body = new URLSearchParams({ payload: payload === undefined ? '{' : JSON.stringify(payload) });

    expect(await statusOf(signed(body.toString()))).toBe(status);
    await nothingHappened();
  });

  it('about an incident that nobody knows has the person told so', async () => {
    const body = new URLSearchParams({
      payload: JSON.stringify(blockActions('acknowledge no-such-incident')),
    });

    expect(await statusOf(signed(body.toString()))).toBe(200);
    expect(queued).toMatchObject([{ answer: { incidentId: 'no-such-incident' } }]);
  });
});

function blockActions(value: string) {
  return { type: 'block_actions', user: { id: 'U1' }, channel: { id: 'C1' }, actions: [{ value }] };
}

describe('10,000 bodies of any kind', () => {
  it('are answered without a 5xx, signed or not, and do nothing', async () => {
    await aFailure();
    const payload = fc.oneof(
      fc.json(),
      fc
        .record({ type: fc.constant('block_actions'), actions: fc.anything(), user: fc.anything() })
        .map((v) => {
          try {
            return JSON.stringify(v) ?? '';
          } catch {
            return '';
          }
        }),
      fc.string({ unit: 'binary' }),
    );
    const body = fc.oneof(
      payload.map((text) => new URLSearchParams({ payload: text }).toString()),
      fc.string({ unit: 'binary' }),
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
    );
    await fc.assert(
      fc.asyncProperty(body, fc.boolean(), async (text, isSigned) => {
        const status = await statusOf(isSigned ? signed(text) : { headers: {}, body: text });
        expect(isSigned ? [200, 400, 401] : [401]).toContain(status);
      }),
      { numRuns: 10_000 },
    );
    await nothingHappened();
  }, 60_000);
});
