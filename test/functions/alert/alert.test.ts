import type { Context, SQSEvent } from 'aws-lambda';
import { beforeEach, describe, expect, it } from 'vitest';
import { createAlert } from '../../../functions/alert/alert.ts';
import { SANDBOX_SLACK } from '../../../infra/sandbox/slack/workspace.ts';
import { AlertsWorld, PAIRS } from '../../support/alerts/alerts-world.ts';
import { SlackInMemory } from '../../support/alerts/slack-in-memory.ts';

let world: AlertsWorld;
let parked: { body: string; reason: string }[];

beforeEach(() => {
  world = new AlertsWorld();
  parked = [];
});

function invoke(bodies: readonly string[], notifiers = world.ports.notifiers) {
  const handler = createAlert({
    ...world.ports,
    notifiers,
    parking: { park: async (body, reason) => void parked.push({ body, reason }) },
  });
  return handler(eventWith(bodies), CONTEXT);
}

describe('the alert function', () => {
  it('evaluates once for all messages of a batch, with the hints of each', async () => {
    world.storePair('p1', { fileStatus: 'FAILED' });
    world.hiddenFromIndex.add('p1');
    const hinted = JSON.stringify({ kind: 'evaluate', hints: [{ resource: PAIRS, id: 'p1' }] });
    let looks = 0;
    const { connection } = world.ports;
    const status = connection.authorizationStatus.bind(connection);
    connection.authorizationStatus = () => {
      looks += 1;
      return status();
    };

    const response = await invoke(['{"kind":"evaluate"}', hinted, '{"kind":"evaluate"}']);

    expect(response).toEqual({ batchItemFailures: [] });
    expect(looks).toBe(1);
    expect(world.slack.sent).toHaveLength(1);
    expect(world.email.sent).toHaveLength(1);
  });

  it('parks messages that cannot be read, with the reason, and serves the others', async () => {
    world.storePair('p1', { fileStatus: 'FAILED' });

    const response = await invoke(['not JSON', '{"kind":"later"}', '{"kind":"evaluate"}']);

    expect(response).toEqual({ batchItemFailures: [] });
    expect(parked.map(({ body }) => body)).toEqual(['not JSON', '{"kind":"later"}']);
    for (const { reason } of parked) expect(reason).not.toBe('');
    expect(world.slack.sent).toHaveLength(1);
  });

  it('answers a click that changed nothing, after the evaluation', async () => {
    const slack = new SlackInMemory(world.clock);
    world.storePair('p1', { fileStatus: 'FAILED' });
    const answer = { incidentId: 'gone', channel: SANDBOX_SLACK.channel, user: 'U1' };
    await invoke([JSON.stringify({ kind: 'evaluate', answer })], [slack.notifier]);

    expect(slack.shown).toHaveLength(1);
    expect(slack.whispered).toHaveLength(1);
  });

  it('gives all messages back that it could read when the evaluation fails in an unknown way', async () => {
    world.storePair('p1', { fileStatus: 'FAILED' });
    world.slack.failWith = new TypeError('broken');

    const response = await invoke(['{"kind":"evaluate"}', 'not JSON', '{"kind":"evaluate"}']);

    expect(response.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)).toEqual(['m0', 'm2']);
    expect(parked).toHaveLength(1);
  });
});

function eventWith(bodies: readonly string[]): SQSEvent {
  return {
    Records: bodies.map((body, index) => ({
      messageId: `m${index}`,
      receiptHandle: `r${index}`,
      body,
      attributes: {
        ApproximateReceiveCount: '1',
        SentTimestamp: '0',
        SenderId: '',
        ApproximateFirstReceiveTimestamp: '0',
        MessageGroupId: 'alerts',
      },
      messageAttributes: {},
      md5OfBody: '',
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:alert.fifo',
      awsRegion: 'us-east-1',
    })),
  };
}

const CONTEXT: Context = {
  callbackWaitsForEmptyEventLoop: false,
  functionName: 'alert',
  functionVersion: '1',
  invokedFunctionArn: '',
  memoryLimitInMB: '512',
  awsRequestId: 'request',
  logGroupName: '',
  logStreamName: '',
  getRemainingTimeInMillis: () => 60_000,
  done: () => {},
  fail: () => {},
  succeed: () => {},
};
