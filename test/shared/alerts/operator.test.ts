import { beforeEach, describe, expect, it } from 'vitest';
import { releaseClaims } from '../../../shared/alerts/channels/claim.ts';
import { ChannelRefusedError } from '../../../shared/alerts/channels/notifier.ts';
import { evaluateAlerts } from '../../../shared/alerts/evaluate-alerts.ts';
import { summarize } from '../../../shared/alerts/incidents/incident.ts';
import { acknowledge, listIncidents, sendTestAlert, silence } from '../../../shared/alerts/operator.ts';
import { alertRules } from '../../../shared/alerts/rules/settings.ts';
import { AlertsWorld } from '../../support/alerts/alerts-world.ts';
import { SlackInMemory } from '../../support/alerts/slack-in-memory.ts';

const HOUR_MS = 60 * 60_000;
let world: AlertsWorld;

beforeEach(async () => {
  world = new AlertsWorld();
  world.storePair('p1', { fileStatus: 'FAILED', fileSyncingError: 'disk full' });
  await evaluate();
});

function evaluate() {
  return evaluateAlerts([], world.ports);
}

async function theIncident() {
  const [incident] = await listIncidents(world.incidents, world.clock.now());
  if (incident === undefined) throw new Error('There is no incident.');
  return incident;
}

describe('an incident in status', () => {
  it('has the id of its record as subject, and when each channel was told', async () => {
    const listed = await listIncidents(world.incidents, world.clock.now());
    expect(listed.map(summarize)).toEqual([
      {
        id: (await theIncident()).id,
        rule: 'file-sync-failed',
        subject: 'p1',
        state: 'open',
        openedAt: '2026-11-22T08:00:00.000Z',
        notified: { slack: '2026-11-22T08:00:00.000Z', email: '2026-11-22T08:00:00.000Z' },
      },
    ]);
  });
});

describe('acknowledging', () => {
  it('is told once, ends the reminders, and is kept with who and when', async () => {
    const { id } = await theIncident();
    world.minutesPass(5);
    await acknowledge(world.incidents, id, { name: 'ana' }, world.clock.now());
    await acknowledge(world.incidents, id, { name: 'ana' }, world.clock.now());
    await evaluate();
    world.minutesPass(30 * 24 * 60);
    await evaluate();

    expect(world.slack.said().slice(1)).toEqual([
      'File transfer failed | disk full | Acknowledged by ana: no more reminders.',
    ]);
    expect((await theIncident()).history.at(-1)).toEqual({
      at: '2026-11-22T08:05:00.000Z',
      who: 'ana',
      what: 'acknowledged',
    });
  });

  it('does not hide a new error text, nor that it is over', async () => {
    await acknowledge(world.incidents, (await theIncident()).id, { name: 'ana' }, world.clock.now());
    await evaluate();
    world.storePair('p1', { fileStatus: 'FAILED', fileSyncingError: 'no permission' });
    await evaluate();
    world.storePair('p1', {});
    await evaluate();

    expect(world.email.said().slice(2)).toEqual([
      'File transfer failed | no permission | The error message changed.',
      'File transfer fixed',
    ]);
  });

  it('fails for an id that is not known, or over', async () => {
    const { id } = await theIncident();
    world.storePair('p1', {});
    await evaluate();

    for (const unknown of [id, 'nonsense']) {
      await expect(acknowledge(world.incidents, unknown, { name: 'ana' }, 0)).rejects.toMatchObject({
        code: 'UNKNOWN_INCIDENT',
      });
    }
  });
});

describe('silencing', () => {
  it('keeps changes quiet until its end, then tells what is true', async () => {
    const untilMs = world.clock.now() + HOUR_MS;
    await silence(world.incidents, (await theIncident()).id, { name: 'ana' }, untilMs, world.clock.now());
    await evaluate();
    world.storePair('p1', { fileStatus: 'FAILED', fileSyncingError: 'no permission' });
    world.minutesPass(30);
    await evaluate();
    expect(world.slack.said().slice(1)).toEqual([
      'File transfer failed | disk full | Silenced by ana until Nov 22, 2026, 9:00 AM UTC.',
    ]);

    world.minutesPass(30);
    await evaluate();
    await evaluate();
    expect(world.slack.said().slice(2)).toEqual([
      'File transfer failed | no permission | Silence ended: still open.',
    ]);
    expect((await theIncident()).state).toBe('open');
  });

  it('does not keep quiet that it is over', async () => {
    await silence(world.incidents, (await theIncident()).id, { name: 'ana' }, world.clock.now() + HOUR_MS, 0);
    await evaluate();
    world.storePair('p1', {});
    await evaluate();

    expect(world.slack.said().at(-1)).toBe('File transfer fixed');
  });
});

describe('a test alert', () => {
  it('goes to the channels that are named', async () => {
    expect(await sendTestAlert(['email'], world.ports)).toEqual({ email: 'delivered' });
    expect(world.email.said().at(-1)).toContain('Alerts reach this channel');
    expect(world.slack.sent).toHaveLength(1);
  });

  it('shows one incident through its whole life where messages can be changed, in every channel of a rule', async () => {
    const slack = new SlackInMemory(
      world.clock,
      alertRules.parse({ connection: { slackChannel: 'C0ENGINEERS' } }),
    );
    slack.workspace.channels.add('C0ENGINEERS');

    expect(await sendTestAlert(['slack'], { ...world.ports, notifiers: [slack.notifier] })).toEqual({
      slack: 'delivered',
    });
    expect(slack.shown).toHaveLength(2);
    for (const { text, replies } of slack.shown) {
      expect(text).toContain('File transfer fixed');
      expect(replies).toHaveLength(1);
    }
    expect(slack.methods().slice(0, 4)).toEqual([
      'chat.postMessage',
      'chat.update',
      'chat.update',
      'chat.postMessage',
    ]);
  });

  it('shows a channel that refuses, and ends that incident when it gets through', async () => {
    world.slack.failWith = new ChannelRefusedError('slack', 'Slack returned 404: no_service');
    expect(await sendTestAlert(['slack'], world.ports)).toEqual({ slack: 'refused' });
    await evaluate();
    world.slack.failWith = undefined;
    expect(await sendTestAlert(['slack'], world.ports)).toEqual({ slack: 'delivered' });
    await evaluate();

    expect(world.email.said().slice(1)).toEqual([
      'Alert delivery failed | Slack returned 404: no_service',
      'Alert delivery restored',
    ]);
  });
});

it('frees a channel that a dead process was sending on', async () => {
  const state = (await world.incidents.channels()).slack;
  await world.incidents.putChannel('slack', {
    failures: 0,
    rev: state?.rev ?? 0,
    sendingUntil: '2026-11-22T09:00:00.000Z',
  });
  await releaseClaims(world.incidents);

  expect((await world.incidents.channels()).slack).not.toHaveProperty('sendingUntil');
});
