import { beforeEach, describe, expect, it } from 'vitest';
import { SANDBOX_SLACK } from '../../../infra/sandbox/slack/workspace.ts';
import { answerClick } from '../../../shared/alerts/clicks/answer-click.ts';
import { evaluateAlerts } from '../../../shared/alerts/evaluate-alerts.ts';
import { act, type IncidentAction } from '../../../shared/alerts/incidents/incident-action.ts';
import { AlertsWorld } from '../../support/alerts/alerts-world.ts';
import { SlackInMemory } from '../../support/alerts/slack-in-memory.ts';

let world: AlertsWorld;
let slack: SlackInMemory;

beforeEach(() => {
  world = new AlertsWorld();
  slack = new SlackInMemory(world.clock);
});

async function aFailure() {
  world.storePair('p1', { fileStatus: 'FAILED' });
  await evaluate();
  return theIncident();
}

async function theIncident() {
  const [incident] = await world.incidents.live();
  if (incident === undefined) throw new Error('There is no incident.');
  return incident;
}

function evaluate() {
  return evaluateAlerts([], { ...world.ports, notifiers: [slack.notifier] });
}

async function take(action: IncidentAction) {
  const next = act(await theIncident(), action, { name: 'Ann' }, world.clock.now());
  if (next !== undefined) await world.incidents.put(next);
}

function answer(incidentId: string) {
  const click = { incidentId, channel: SANDBOX_SLACK.channel, user: 'U1' };
  return answerClick(click, { ...world.ports, notifiers: [slack.notifier] });
}

describe('somebody whose click changed nothing', () => {
  it.each<[IncidentAction | 'heal' | 'nothing', string]>([
    ['acknowledge', 'Nothing changed: already acknowledged by Ann.'],
    ['silence', 'Nothing changed: already silenced by Ann until Nov 23, 2026, 8:00 AM UTC.'],
    ['heal', 'Nothing changed: File transfer fixed, Nov 22, 2026, 8:00 AM UTC.'],
    ['nothing', 'Nothing changed: it is open, and no one has acknowledged it.'],
  ])('is told what is true after %s', async (before, expected) => {
    const { id } = await aFailure();
    if (before === 'heal') {
      world.storePair('p1', {});
      await evaluate();
    } else if (before !== 'nothing') await take(before);
    await answer(id);

    expect(slack.whispered).toEqual([expected]);
  });

  it('is told so of an incident that is no longer kept', async () => {
    await answer('no-such-incident');
    expect(slack.whispered).toEqual(['Nothing changed: this incident is no longer open.']);
  });

  it('is told nothing where Slack does not take it: later it would only confuse', async () => {
    const { id } = await aFailure();
    slack.failWith = () => new Response('', { status: 503 });
    await answer(id);
    slack.failWith = () => 'user_not_in_channel';
    await answer(id);

    expect(slack.whispered).toEqual([]);
  });
});
