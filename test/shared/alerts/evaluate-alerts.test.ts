import { beforeEach, describe, expect, it } from 'vitest';
import { ChannelRefusedError, ChannelUnavailableError } from '../../../shared/alerts/channels/notifier.ts';
import { evaluateAlerts } from '../../../shared/alerts/evaluate-alerts.ts';
import { listIncidents } from '../../../shared/alerts/operator.ts';
import type { HookHealth } from '../../../shared/webhooks/hook-health.ts';
import { ACCOUNT, AlertsWorld, JOBS, PAIRS } from '../../support/alerts/alerts-world.ts';

let world: AlertsWorld;

beforeEach(() => {
  world = new AlertsWorld();
});

function evaluate(hints: { resource: string; id: string }[] = []) {
  return evaluateAlerts(hints, world.ports);
}

/** What both channels heard, which must be the same. */
function heard(): string[] {
  expect(world.email.said()).toEqual(world.slack.said());
  return world.slack.said();
}

describe('a pair whose file transfer fails', () => {
  it.each([
    ['with updatedAt moving', true],
    ['without updatedAt moving', false],
  ])('is told once a change: failed, error changed, healed, failed again (%s)', async (_how, moves) => {
    const store = (data: { fileStatus: string; fileSyncingError: string | null }, hour: number) =>
      world.storePair('p1', data, moves ? `2026-11-22T0${hour}:00:00.000Z` : undefined);

    store({ fileStatus: 'FAILED', fileSyncingError: 'disk full' }, 1);
    await evaluate();
    await evaluate([{ resource: PAIRS, id: 'p1' }]);
    expect(heard()).toEqual(['File transfer failed | disk full']);

    world.minutesPass(1);
    store({ fileStatus: 'FAILED', fileSyncingError: 'no permission' }, 2);
    await evaluate();
    await evaluate();
    expect(heard().slice(1)).toEqual(['File transfer failed | no permission | The error message changed.']);

    world.minutesPass(1);
    store({ fileStatus: 'SUCCESS', fileSyncingError: null }, 3);
    await evaluate();
    await evaluate();
    expect(heard().slice(2)).toEqual(['File transfer fixed']);

    world.minutesPass(1);
    store({ fileStatus: 'FAILED', fileSyncingError: 'disk full' }, 4);
    await evaluate();
    await evaluate();
    expect(heard().slice(3)).toEqual(['File transfer failed | disk full']);
    expect(new Set((await listIncidents(world.incidents, world.clock.now())).map(({ id }) => id)).size).toBe(
      2,
    );
  });

  it('is found by its hint while the index does not show it yet', async () => {
    world.storePair('p1', { fileStatus: 'FAILED' });
    world.hiddenFromIndex.add('p1');
    await evaluate();
    expect(heard()).toEqual([]);

    await evaluate([{ resource: PAIRS, id: 'p1' }]);

    expect(heard()).toHaveLength(1);
  });

  it('is found healed without a hint, although it left the index', async () => {
    world.storePair('p1', { fileStatus: 'FAILED' });
    await evaluate();
    world.storePair('p1', { fileStatus: 'SUCCESS' });
    world.hiddenFromIndex.add('p1');
    await evaluate();

    expect(heard().at(-1)).toBe('File transfer fixed');
  });

  it('is over when the pair is deleted', async () => {
    world.storePair('p1', { fileStatus: 'FAILED' });
    await evaluate();
    world.deletePair('p1');
    await evaluate();

    expect(heard()).toHaveLength(2);
  });

  it('keeps the history of its file status with times', async () => {
    world.storePair('p1', { fileStatus: 'QUEUED' });
    await evaluate();
    world.minutesPass(5);
    world.storePair('p1', { fileStatus: 'FAILED', fileSyncingError: 'disk full' });
    await evaluate();
    world.minutesPass(5);
    world.storePair('p1', { fileStatus: 'SUCCESS' });
    await evaluate();
    world.minutesPass(5);
    world.storePair('p1', { fileStatus: 'IN_PROGRESS' });
    await evaluate();

    expect((await world.fileStatuses.find('p1'))?.entries).toEqual([
      { at: '2026-11-22T08:00:00.000Z', fileStatus: 'QUEUED' },
      { at: '2026-11-22T08:05:00.000Z', fileStatus: 'FAILED', error: 'disk full' },
      { at: '2026-11-22T08:10:00.000Z', fileStatus: 'SUCCESS' },
      { at: '2026-11-22T08:15:00.000Z', fileStatus: 'IN_PROGRESS' },
    ]);
  });
});

describe('many at once', () => {
  it('tells 500 failing pairs in one message a channel, the first 15 in full, and never again', async () => {
    for (let index = 0; index < 500; index += 1) world.storePair(`p${index}`, { fileStatus: 'FAILED' });

    for (let round = 0; round < 101; round += 1) {
      await evaluate();
      world.minutesPass(1);
    }

    for (const { sent } of [world.slack, world.email]) {
      expect(sent).toHaveLength(1);
      expect(sent[0]?.headline).toBe('500 file transfers failed');
      expect(sent[0]?.items).toHaveLength(15);
      expect(sent[0]?.more).toBe('And 485 more: 485 file transfers failed.');
    }
  });

  it('tells the most important first and what is over last', async () => {
    world.storePair('old', { fileStatus: 'FAILED' });
    await evaluate();
    world.storePair('old', { fileStatus: 'SUCCESS' });
    world.storePair('new', { fileStatus: 'FAILED' });
    world.storePair('relink', { shouldRelinkGroup: true });
    world.authorization = { state: 'needs-consent', reason: 'The refresh token was refused.' };
    await evaluate();

    expect(world.slack.sent[1]?.items.map(({ title }) => title)).toEqual([
      'Autodesk sign-in needed',
      'File transfer failed',
      'Relink needed',
      'File transfer fixed',
    ]);
    expect(world.slack.sent[1]?.headline).toBe(
      '1 Autodesk sign-in needed, 1 file transfer failed, 1 project to relink, 1 resolved',
    );
  });

  it('costs few reads while nothing is wrong', async () => {
    for (let index = 0; index < 1_000; index += 1) world.storePair(`p${index}`, {});
    await evaluate();

    expect(world.reads).toBe(0);
  });
});

describe('a channel that fails', () => {
  it('gets one message with what is true when it works again; the other channel hears everything once', async () => {
    world.slack.failWith = new ChannelUnavailableError('slack', 'HTTP 503');
    world.storePair('heals', { fileStatus: 'FAILED', fileSyncingError: 'heals' });
    world.storePair('changes', { fileStatus: 'FAILED', fileSyncingError: 'first' });
    for (let minute = 0; minute < 60; minute += 1) {
      if (minute === 20) world.storePair('heals', { fileStatus: 'SUCCESS' });
      if (minute === 30) world.storePair('changes', { fileStatus: 'FAILED', fileSyncingError: 'second' });
      await evaluate();
      world.minutesPass(1);
    }
    expect(world.slack.sent).toEqual([]);
    expect(world.slack.attempts).toBeLessThan(20);

    world.slack.failWith = undefined;
    for (let minute = 0; minute < 10; minute += 1) {
      await evaluate();
      world.minutesPass(1);
    }

    expect(world.slack.said()).toEqual(['File transfer failed | second']);
    expect(world.email.sent).toHaveLength(3);
    expect(world.email.said()).toEqual([
      'File transfer failed | first',
      'File transfer failed | heals',
      'File transfer fixed',
      'File transfer failed | second | The error message changed.',
    ]);
  });

  it('is left alone as long as it asked', async () => {
    world.slack.failWith = new ChannelUnavailableError('slack', 'too many messages', 10 * 60_000);
    world.storePair('p1', { fileStatus: 'FAILED' });
    for (let minute = 0; minute < 10; minute += 1) {
      await evaluate();
      world.minutesPass(1);
    }

    expect(world.slack.attempts).toBe(1);
  });

  it('is not left alone for years because an older version has stored that it asked for them', async () => {
    await world.incidents.putChannel('slack', { rev: 0, failures: 1, notBefore: '2343-01-01T00:00:00.000Z' });
    world.storePair('p1', { fileStatus: 'FAILED' });
    await evaluate();

    expect(world.slack.sent).toHaveLength(1);
  });

  it('is an incident on the other channel at once when its address is refused, until a message gets through', async () => {
    world.slack.failWith = new ChannelRefusedError('slack', 'Slack returned 404: no_service');
    world.storePair('p1', { fileStatus: 'FAILED', fileSyncingError: 'disk full' });
    await evaluate();
    await evaluate();
    expect(world.email.said()).toEqual([
      'Alert delivery failed | Slack returned 404: no_service',
      'File transfer failed | disk full',
    ]);

    world.minutesPass(5);
    world.slack.failWith = undefined;
    await evaluate();
    await evaluate();

    expect(world.slack.said().filter((said) => said.startsWith('File'))).toHaveLength(1);
    expect(world.email.said().slice(2)).toEqual(['Alert delivery restored']);
  });

  it('does not keep the other one waiting when it fails in an unknown way, and the evaluation fails', async () => {
    world.slack.failWith = new TypeError('broken');
    world.storePair('p1', { fileStatus: 'FAILED' });

    await expect(evaluate()).rejects.toThrow();
    expect(world.email.sent).toHaveLength(1);

    world.slack.failWith = undefined;
    await evaluate();
    expect(world.slack.sent).toHaveLength(1);
    expect(world.email.sent).toHaveLength(1);
  });
});

describe('a rule with a wait', () => {
  it('tells nothing of what heals within it', async () => {
    world = new AlertsWorld({ 'file-sync-failed': { waitMinutes: 10 } });
    world.storePair('p1', { fileStatus: 'FAILED' });
    await evaluate();
    world.minutesPass(9);
    await evaluate();
    world.storePair('p1', { fileStatus: 'SUCCESS' });
    await evaluate();

    expect(heard()).toEqual([]);
    expect(await listIncidents(world.incidents, world.clock.now())).toEqual([]);
  });

  it('tells what does not', async () => {
    world = new AlertsWorld({ 'file-sync-failed': { waitMinutes: 10 } });
    world.storePair('p1', { fileStatus: 'FAILED' });
    await evaluate();
    expect((await listIncidents(world.incidents, world.clock.now()))[0]?.state).toBe('pending');
    world.minutesPass(10);
    await evaluate();

    expect(heard()).toHaveLength(1);
  });
});

describe('a rule that is switched off', () => {
  it('ends its incidents without a word', async () => {
    world.storePair('p1', { fileStatus: 'FAILED' });
    await evaluate();
    world.ports.rules['file-sync-failed'].enabled = false;
    await evaluate();

    expect(heard()).toHaveLength(1);
    expect((await listIncidents(world.incidents, world.clock.now()))[0]?.state).toBe('resolved');
  });

  it('tells only the channels it was given', async () => {
    world = new AlertsWorld({ 'file-sync-failed': { channels: ['email'] } });
    world.storePair('p1', { fileStatus: 'FAILED' });
    await evaluate();

    expect(world.slack.sent).toEqual([]);
    expect(world.email.sent).toHaveLength(1);
  });
});

describe('reminders', () => {
  it('come for what nobody has acknowledged', async () => {
    world.authorization = { state: 'needs-consent' };
    await evaluate();
    world.minutesPass(24 * 60 - 1);
    await evaluate();
    expect(heard()).toHaveLength(1);
    world.minutesPass(1);
    await evaluate();
    await evaluate();

    expect(heard()).toEqual(['Autodesk sign-in needed', 'Autodesk sign-in needed | Reminder: still open.']);
  });
});

describe('weekly reminders', () => {
  it('of incidents that opened at different times of a day come in one message', async () => {
    for (let index = 0; index < 5; index += 1) {
      world.storePair(`p${index}`, { fileStatus: 'FAILED' });
      await evaluate();
      world.minutesPass(60);
    }
    for (let hour = 0; hour < 8 * 24; hour += 1) {
      await evaluate();
      world.minutesPass(60);
    }

    expect(world.slack.sent).toHaveLength(6);
    expect(world.slack.sent[5]?.items).toHaveLength(5);
  });
});

describe('a lost connection', () => {
  it('hides stale data and failed jobs until a while after it works again', async () => {
    world.endRun(PAIRS, 'company');
    world.endRun(JOBS, ACCOUNT);
    world.authorization = { state: 'needs-consent' };
    for (let hour = 0; hour < 10; hour += 1) {
      await evaluate();
      world.minutesPass(60);
    }
    expect(heard()).toEqual(['Autodesk sign-in needed']);

    world.authorization = { state: 'connected' };
    await evaluate();
    world.minutesPass(5);
    world.endRun(PAIRS, 'company');
    await evaluate();
    expect(heard().slice(1)).toEqual(['Connected to Autodesk again']);

    world.minutesPass(30);
    await evaluate();
    expect(world.slack.sent.at(-1)?.items.map(({ title, about }) => [title, about[0]?.text])).toEqual([
      ['Data out of date', `${JOBS}/${ACCOUNT}`],
    ]);
  });
});

describe('what is over', () => {
  it('leaves the list of what stands after an hour, and is listed for 30 days', async () => {
    world.storePair('p1', { fileStatus: 'FAILED' });
    await evaluate();
    world.storePair('p1', { fileStatus: 'SUCCESS' });
    await evaluate();
    expect(await world.incidents.live()).toHaveLength(1);
    world.minutesPass(61);
    await evaluate();

    expect(await world.incidents.live()).toEqual([]);
    const [listed] = await listIncidents(world.incidents, world.clock.now());
    expect(listed).toMatchObject({ state: 'resolved', told: { slack: { kind: 'resolved' } } });

    world.minutesPass(30 * 24 * 60);
    expect(await listIncidents(world.incidents, world.clock.now())).toEqual([]);
  });
});

describe('a webhook that Autodesk has switched off', () => {
  it('is told once, with the command that switches it on, and once when it is on again', async () => {
    const health = (status: string): HookHealth => ({
      setUp: { region: 'US', callbackUrl: 'https://ours.test/webhooks/autodesk' },
      hooks: [{ hookId: 'h1', event: 'bid.created', status }],
    });
    await world.hookHealth.write(health('inactive'), 0);
    await evaluate();
    await evaluate();
    await world.hookHealth.write(health('active'), 1);
    await evaluate();

    const [told, ...over] = world.email.sent.flatMap(({ items }) => items);
    expect(told).toMatchObject({ title: 'Autodesk webhook switched off' });
    expect(JSON.stringify(told)).toContain('webhooks create');
    expect(over.map(({ title }) => title)).toEqual(['Autodesk webhooks on again']);
  });

  it('is told with the command that signs in again where the daily look had to do without that sign-in', async () => {
    await world.hookHealth.write(
      {
        setUp: { region: 'US', callbackUrl: 'https://ours.test/webhooks/autodesk' },
        hooks: [{ hookId: 'h1', event: 'bid.created', status: 'inactive' }],
        managementRefused: 'Autodesk needs someone to sign in: revoked',
      },
      0,
    );
    await evaluate();

    const [told] = world.email.sent.flatMap(({ items }) => items);
    expect(told?.remedy?.text).toMatch(
      /authorize --scopes data:read,data:create,data:write.*webhooks create/,
    );
    expect(JSON.stringify(told)).toContain('someone to sign in: revoked');
  });
});
