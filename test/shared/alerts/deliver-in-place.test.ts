import { beforeEach, describe, expect, it } from 'vitest';
import { SANDBOX_SLACK } from '../../../infra/sandbox/slack/workspace.ts';
import { type AlertPorts, evaluateAlerts } from '../../../shared/alerts/evaluate-alerts.ts';
import type { Incident, Person } from '../../../shared/alerts/incidents/incident.ts';
import { act, type IncidentAction } from '../../../shared/alerts/incidents/incident-action.ts';
import { alertRules } from '../../../shared/alerts/rules/settings.ts';
import { AlertsWorld } from '../../support/alerts/alerts-world.ts';
import { SlackInMemory } from '../../support/alerts/slack-in-memory.ts';

const BEN: Person = { name: 'Ben Ortiz', slackUserId: 'U1' };

let world: AlertsWorld;
let slack: SlackInMemory;
let ports: AlertPorts;

function setUp(rules: object = {}) {
  world = new AlertsWorld(rules);
  slack = new SlackInMemory(world.clock, alertRules.parse(rules));
  ports = { ...world.ports, notifiers: [slack.notifier, world.email] };
}

beforeEach(() => setUp());

function fail(pair: string, error = 'disk full') {
  world.storePair(pair, { fileStatus: 'FAILED', fileSyncingError: error });
}

function heal(pair: string) {
  world.storePair(pair, { fileStatus: 'SUCCESS', fileSyncingError: null });
}

async function evaluate() {
  const report = await evaluateAlerts([], ports);
  world.minutesPass(1);
  return report;
}

async function incidentOf(pair: string): Promise<Incident> {
  const found = (await world.incidents.live()).find(({ finding }) => finding.subject === pair);
  if (found === undefined) throw new Error(`There is no incident of ${pair}.`);
  return found;
}

async function take(pair: string, action: IncidentAction, by = BEN) {
  const next = act(await incidentOf(pair), action, by, world.clock.now());
  if (next === undefined) throw new Error(`${action} changes nothing.`);
  expect(await world.incidents.put(next)).toBe(true);
}

describe('a message of the Slack app', () => {
  it('has buttons, and each incident remembers its place in it', async () => {
    fail('p1');
    fail('p2');
    await evaluate();

    expect(slack.shown).toHaveLength(1);
    expect(slack.shown[0]?.text.match(/\[Acknowledge\] \[Silence 1 day\]/g)).toHaveLength(2);
    const [message] = slack.roots;
    const places = (await world.incidents.live()).flatMap(({ shownIn = [] }) => shownIn);
    expect(places.toSorted((one, other) => one.index - other.index)).toMatchObject([
      { channel: SANDBOX_SLACK.channel, ts: message?.ts, index: 0, shows: 1 },
      { channel: SANDBOX_SLACK.channel, ts: message?.ts, index: 1, shows: 1 },
    ]);
  });

  it('has a menu for each incident where there are more than five', async () => {
    for (let index = 0; index < 6; index += 1) fail(`p${index}`);
    await evaluate();

    const [message] = slack.roots;
    expect(message?.blocks.filter(({ type }) => type === 'actions')).toEqual([]);
    expect(message?.blocks.filter(({ accessory }) => accessory !== undefined)).toHaveLength(6);
  });

  it('says who has acknowledged, silenced and reopened an incident, each in its place', async () => {
    fail('p1');
    await evaluate();
    await take('p1', 'acknowledge');
    await evaluate();
    expect(slack.shown).toEqual([{ text: expect.stringContaining('Acknowledged by <@U1>'), replies: [] }]);
    expect(slack.shown[0]?.text).toContain('[Undo] [Silence 1 day]');

    await take('p1', 'undo');
    await evaluate();
    expect(slack.shown[0]?.text).toContain('Open again: undone by Ben Ortiz.');
    expect(slack.shown[0]?.text).toContain('[Acknowledge] [Silence 1 day]');

    await take('p1', 'silence');
    await evaluate();
    expect(slack.shown[0]?.text).toContain('Silenced by <@U1> until');
    expect(slack.shown[0]?.text).toContain('[Undo]');
    expect(slack.shown).toHaveLength(1);
  });

  it('shows an error that changed, without a new message', async () => {
    fail('p1');
    await evaluate();
    fail('p1', 'no permission');
    await evaluate();

    expect(slack.shown).toEqual([{ text: expect.stringContaining('no permission'), replies: [] }]);
    expect(slack.shown[0]?.text).toContain('The error message changed.');
  });

  it('shows what is over, and tells its thread', async () => {
    fail('p1');
    await evaluate();
    await take('p1', 'acknowledge');
    await evaluate();
    heal('p1');
    await evaluate();
    await evaluate();

    expect(slack.shown).toHaveLength(1);
    expect(slack.shown[0]?.text).toContain(':white_check_mark: ~File transfer failed~ *File transfer fixed*');
    expect(slack.shown[0]?.text).not.toContain('[');
    expect(slack.shown[0]?.replies).toEqual([expect.stringContaining('Acknowledged by <@U1>')]);
  });

  it('tells its thread of what nobody had taken once nothing of it stands any more', async () => {
    fail('p1');
    fail('p2');
    await evaluate();
    heal('p1');
    await evaluate();
    expect(slack.shown[0]?.replies).toEqual([]);
    heal('p2');
    await evaluate();
    expect(slack.shown[0]?.replies).toHaveLength(1);
  });

  it('is told again in a new message when a reminder is due, and both are kept true', async () => {
    fail('p1');
    await evaluate();
    world.minutesPass(8 * 24 * 60);
    await evaluate();
    expect(slack.shown).toHaveLength(2);
    expect(slack.shown[1]?.text).toContain('Reminder: still open.');

    heal('p1');
    await evaluate();
    expect(slack.shown.map(({ text }) => text.includes('File transfer fixed'))).toEqual([true, true]);
    expect(slack.shown.map(({ replies }) => replies.length)).toEqual([0, 1]);
  });

  it('is told aloud when a silence ends', async () => {
    fail('p1');
    await evaluate();
    await take('p1', 'silence');
    await evaluate();
    world.minutesPass(24 * 60);
    await evaluate();

    expect(slack.shown).toHaveLength(2);
    for (const { text } of slack.shown) expect(text).toContain('[Acknowledge]');
  });

  it('never shows the buttons of a rule that was switched off', async () => {
    fail('p1');
    await evaluate();
    ports = { ...ports, rules: alertRules.parse({ 'file-sync-failed': { enabled: false } }) };
    await evaluate();

    expect(slack.shown).toEqual([{ text: expect.not.stringContaining('['), replies: [] }]);
  });

  it('shows an incident that lies in the past as long as others stand in the same message', async () => {
    fail('p1');
    fail('p2');
    await evaluate();
    heal('p1');
    await evaluate();
    world.minutesPass(2 * 60);
    await evaluate();
    expect(await world.incidents.live()).toHaveLength(1);
    await take('p2', 'acknowledge');
    await evaluate();

    expect(slack.shown).toHaveLength(1);
    expect(slack.shown[0]?.text).toContain('File transfer fixed');
    expect(slack.shown[0]?.text).toContain('Acknowledged by');
  });

  it('says that an episode is over although the next has begun while Slack was down', async () => {
    fail('p1');
    await evaluate();
    slack.failWith = () => new Response('', { status: 503 });
    heal('p1');
    await evaluate();
    fail('p1', 'again');
    await evaluate();
    slack.failWith = undefined;
    world.minutesPass(10);
    await evaluate();
    await evaluate();

    expect(slack.shown).toHaveLength(2);
    expect(slack.shown[0]?.text).toContain('File transfer fixed');
    expect(slack.shown[1]?.text).toContain('again');
  });
});

describe('a message that nobody can change any more', () => {
  it.each(['message_not_found', 'cant_update_message', 'edit_window_closed'])(
    'is followed by a new one, once (%s)',
    async (error) => {
      fail('p1');
      await evaluate();
      slack.failWith = (method) => (method === 'chat.update' ? error : undefined);
      heal('p1');
      await evaluate();
      await evaluate();
      await evaluate();

      expect(slack.shown).toHaveLength(2);
      expect(slack.shown[1]?.text).toContain('File transfer fixed');
      expect(slack.methods().filter((method) => method === 'chat.update')).toHaveLength(1);
    },
  );

  it('was deleted by a person: what changes then is told anew, and what does not is left alone', async () => {
    fail('p1');
    fail('p2');
    await evaluate();
    const [message] = slack.roots;
    slack.workspace.delete(SANDBOX_SLACK.channel, message?.ts ?? '');
    await take('p1', 'acknowledge');
    await evaluate();
    await evaluate();

    expect(slack.shown).toHaveLength(1);
    expect(slack.shown[0]?.text).toContain('Acknowledged by');
    heal('p1');
    await evaluate();
    expect(slack.shown).toHaveLength(1);
    expect(slack.shown[0]?.text).toContain('File transfer fixed');
  });

  it('stands in a channel that the bot has left: the other channel hears of it', async () => {
    fail('p1');
    await evaluate();
    slack.workspace.channels.clear();
    fail('p1', 'no permission');
    const { delivery } = await evaluate();

    expect(delivery).toMatchObject({ slack: 'refused' });
    expect(world.email.said()).toContainEqual(expect.stringContaining('Alert delivery failed'));
  });
});

describe('Slack that fails', () => {
  it('is told what is true when it works again, as if nothing had been', async () => {
    slack.failWith = () => new Response('', { status: 503 });
    fail('p1');
    expect((await evaluate()).delivery).toMatchObject({ slack: 'unavailable' });
    slack.failWith = undefined;
    await evaluate();

    expect(slack.shown).toHaveLength(1);
  });

  it('is left alone for as long as it asks', async () => {
    slack.failWith = () => new Response('', { status: 429, headers: { 'retry-after': '120' } });
    fail('p1');
    expect((await evaluate()).delivery).toMatchObject({ slack: 'unavailable' });
    expect((await evaluate()).delivery).toMatchObject({ slack: 'held' });
    slack.failWith = undefined;
    world.minutesPass(1);
    expect((await evaluate()).delivery).toMatchObject({ slack: 'delivered' });
  });

  it('gets the headline when it does not take the blocks', async () => {
    let calls = 0;
    slack.failWith = () => {
      calls += 1;
      return calls === 1 ? 'invalid_blocks' : undefined;
    };
    fail('p1');
    await evaluate();

    expect(slack.roots).toMatchObject([
      { blocks: [], text: expect.stringContaining('File transfer failed') },
    ]);
  });
});

describe('500 pairs that fail and heal one by one within an hour', () => {
  it('cost one message; the rest are changes of it, no more than one a second', async () => {
    const pairs = Array.from({ length: 500 }, (_, index) => `p${index}`);
    for (const pair of pairs) fail(pair);
    await evaluateAlerts([], ports);
    for (const [index, pair] of pairs.entries()) {
      heal(pair);
      world.clock.jump(7_200);
      if (index % 5 === 4) await evaluateAlerts([], ports);
    }
    world.minutesPass(1);
    await evaluateAlerts([], ports);

    const posts = slack.calls.filter(({ method }) => method === 'chat.postMessage');
    expect(posts.filter(({ form }) => form.get('thread_ts') === null)).toHaveLength(1);
    expect(posts.length).toBeLessThanOrEqual(2);
    const writes = slack.calls.filter(({ method }) => method.startsWith('chat.'));
    const gaps = writes.slice(1).map(({ atMs }, index) => atMs - (writes[index]?.atMs ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(1_000);
    expect(slack.shown[0]?.text).toContain('And 485 more: 485 resolved.');
    expect(slack.shown[0]?.text).not.toContain('[');
  });
});

describe('more incidents than one message can remember', () => {
  it('are told in several, each incident once', async () => {
    for (let index = 0; index < 2_001; index += 1) fail(`p${index}`);
    await evaluateAlerts([], ports);
    await evaluateAlerts([], ports);

    expect(slack.shown).toHaveLength(2);
    expect(slack.shown[0]?.text).toContain('And 1985 more');
  });
});

describe('what may have been posted', () => {
  it('is told again when it could not be looked for in ten minutes', async () => {
    fail('p1');
    slack.failWith = (method) =>
      method === 'chat.postMessage' ? new Response('', { status: 503 }) : undefined;
    await evaluate();
    slack.failWith = (method) =>
      method === 'conversations.history' ? new Response('', { status: 503 }) : undefined;
    for (let minute = 0; minute < 30 && slack.shown.length === 0; minute += 1) await evaluate();

    expect(slack.shown).toHaveLength(1);
  });
});

describe('a reply in a thread', () => {
  it('is looked for only after a crash', async () => {
    fail('p1');
    await evaluate();
    heal('p1');
    await evaluate();
    fail('p2');
    await evaluate();

    expect(slack.methods().filter((method) => method.startsWith('conversations.'))).toEqual([]);
  });
});

describe('a rule with a channel of its own', () => {
  it('is told there, and everything else in the channel of all', async () => {
    setUp({ connection: { slackChannel: 'C0ENGINEERS' } });
    slack.workspace.channels.add('C0ENGINEERS');
    world.authorization = { state: 'needs-consent', reason: 'revoked' };
    fail('p1');
    await evaluate();

    expect(slack.roots.map(({ channel }) => channel).toSorted()).toEqual([
      'C0ENGINEERS',
      SANDBOX_SLACK.channel,
    ]);
    world.authorization = { state: 'connected' };
    await evaluate();
    expect(slack.roots).toHaveLength(2);
  });
});
