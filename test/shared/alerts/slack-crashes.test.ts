import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { outdatedPlaces } from '../../../shared/alerts/channels/record-told.ts';
import { type Click, readClick } from '../../../shared/alerts/clicks/click.ts';
import { takeClick } from '../../../shared/alerts/clicks/take-click.ts';
import { evaluateAlerts } from '../../../shared/alerts/evaluate-alerts.ts';
import {
  actionsFor,
  INCIDENT_ACTIONS,
  type IncidentAction,
} from '../../../shared/alerts/incidents/incident-action.ts';
import { AlertsWorld } from '../../support/alerts/alerts-world.ts';
import { Crash, type Death, mortal, mortalProcess } from '../../support/alerts/mortal-ports.ts';
import { SlackInMemory } from '../../support/alerts/slack-in-memory.ts';

const PAIRS = ['p1', 'p2'] as const;

type Step =
  | { kind: 'change'; pair: (typeof PAIRS)[number]; fails: boolean }
  | {
      kind: 'click';
      pair: (typeof PAIRS)[number];
      action: IncidentAction;
      death: Death;
      twice: boolean;
    }
  | { kind: 'evaluate'; deaths: Death[] }
  | { kind: 'slack'; isDown: boolean }
  | { kind: 'wait'; minutes: number };

const LIFE: Step[] = [
  { kind: 'change', pair: 'p1', fails: true },
  { kind: 'evaluate', deaths: [{}] },
  { kind: 'click', pair: 'p1', action: 'acknowledge', death: {}, twice: false },
  { kind: 'evaluate', deaths: [{}] },
  { kind: 'change', pair: 'p1', fails: true },
  { kind: 'evaluate', deaths: [{}] },
  { kind: 'change', pair: 'p1', fails: false },
  { kind: 'evaluate', deaths: [{}] },
];

describe('a crash at any await', () => {
  const evaluations = LIFE.flatMap(({ kind }, index) => (kind === 'evaluate' ? [index] : []));
  it.each(evaluations)(
    'of an evaluation leaves message, state and history in agreement (step %i)',
    async (at) => {
      for (const afterEffect of [false, true]) {
        for (let atCall = 1; ; atCall += 1) {
          const story = new Story();
          for (const [index, step] of LIFE.entries()) {
            const isCrashing = index === at;
            await story.take(isCrashing ? { kind: 'evaluate', deaths: [{ atCall, afterEffect }] } : step);
            if (step.kind === 'evaluate') await story.settle();
          }
          await story.check();
          if (story.deaths > 0) continue;
          expect(atCall).toBeGreaterThan(15);
          break;
        }
      }
    },
  );

  it('of a click does so, too', async () => {
    for (const afterEffect of [false, true]) {
      for (let atCall = 1; atCall <= 5; atCall += 1) {
        const story = new Story();
        for (const step of LIFE) {
          await story.take(step.kind === 'click' ? { ...step, death: { atCall, afterEffect } } : step);
        }
        await story.settle();
        await story.check();
      }
    }
  });
});

describe('clicks at any moment', () => {
  it.each(INCIDENT_ACTIONS)('between two calls of an evaluation are shown in the end: %s', async (action) => {
    const click: Step = { kind: 'click', pair: 'p1', action, death: {}, twice: false };
    for (let atCall = 1; ; atCall += 1) {
      const story = new Story();
      await story.take({ kind: 'change', pair: 'p1', fails: true });
      await story.take({ kind: 'evaluate', deaths: [{}] });
      if (action === 'undo') await story.take({ ...click, action: 'acknowledge' });
      await story.take({ kind: 'change', pair: 'p1', fails: true });
      let calls = 0;
      const meanwhile = async (call: number) => {
        calls = call;
        if (call === atCall) await story.take(click);
      };
      await story.take({ kind: 'evaluate', deaths: [{ meanwhile }] });
      await story.settle();
      await story.check();
      if (calls >= atCall) continue;
      expect(atCall).toBeGreaterThan(15);
      break;
    }
  });

  it('twice, late, while the incident changes, while Slack is down, with crashes: all agrees in the end', async () => {
    const pair = fc.constantFrom(...PAIRS);
    const death = fc.record(
      { atCall: fc.integer({ min: 1, max: 40 }), afterEffect: fc.boolean() },
      { requiredKeys: [] },
    );
    const step = fc.oneof<fc.Arbitrary<Step>[]>(
      fc.record({ kind: fc.constant('change' as const), pair, fails: fc.boolean() }),
      fc.record({
        kind: fc.constant('click' as const),
        pair,
        action: fc.constantFrom(...INCIDENT_ACTIONS),
        death,
        twice: fc.boolean(),
      }),
      fc.record({
        kind: fc.constant('evaluate' as const),
        deaths: fc.array(death, { minLength: 1, maxLength: 3 }),
      }),
      fc.record({ kind: fc.constant('slack' as const), isDown: fc.boolean() }),
      fc.record({
        kind: fc.constant('wait' as const),
        minutes: fc.constantFrom(1, 90, 26 * 60, 8 * 24 * 60),
      }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 1, maxLength: 14 }),
        fc.array(fc.nat({ max: 12 }), { minLength: 1, maxLength: 40 }),
        async (steps, turns) => {
          const story = new Story(turns);
          for (const each of steps) await story.take(each);
          await story.settle();
          await story.check();
        },
      ),
      { numRuns: 600 },
    );
  }, 60_000);
});

/** What happens to two pairs, in Slack and in the mirror. */
class Story {
  readonly #world = new AlertsWorld();
  readonly #slack = new SlackInMemory(this.#world.clock);
  readonly #turns: readonly number[];
  readonly #changed = new Set<string>();
  #turn = 0;
  #steps = 0;
  deaths = 0;

  constructor(turns: readonly number[] = [0]) {
    this.#turns = turns;
  }

  async take(step: Step): Promise<void> {
    this.#steps += 1;
    switch (step.kind) {
      case 'change':
        this.#world.storePair(
          step.pair,
          step.fails ? { fileStatus: 'FAILED', fileSyncingError: `error ${this.#steps}` } : {},
        );
        return;
      case 'click':
        return this.#click(step);
      case 'evaluate':
        await Promise.all(step.deaths.map((death) => this.#evaluate(death)));
        return;
      case 'slack':
        this.#slack.failWith = step.isDown ? () => new Response('', { status: 503 }) : undefined;
        return;
      case 'wait':
        this.#world.minutesPass(step.minutes);
    }
  }

  /** What comes afterwards, which nothing happens to. */
  async settle(): Promise<void> {
    this.#slack.failWith = undefined;
    for (let evaluation = 0; evaluation < 4; evaluation += 1) {
      this.#world.minutesPass(6);
      await this.#evaluate({});
    }
  }

  async check(): Promise<void> {
    const live = await this.#world.incidents.live();
    const all = [...live, ...(await this.#world.incidents.past('2020-01-01T00:00:00.000Z'))];
    for (const incident of live) expect(outdatedPlaces(incident)).toEqual([]);
    for (const { id, state, shownIn = [] } of all) {
      for (const { channel, ts } of shownIn) {
        const offered = JSON.stringify(this.#slack.workspace.find(channel, ts)?.blocks).matchAll(
          new RegExp(`"(\\w+) ${id}"`, 'g'),
        );
        expect([...offered].map(([, action]) => action)).toEqual(actionsFor(state));
      }
    }
    // Nobody is told anything twice: each message and each reply has a key of its own.
    const keys = this.#slack.workspace.messages.flatMap(({ key }) => key ?? []);
    expect(new Set(keys).size).toBe(keys.length);
    // What stands was told once for its opening; reminders and ended silences have messages of their own.
    const news = all.map(({ history }) => history.filter(({ what }) => NEWS.has(what)).length);
    expect(this.#slack.roots.length).toBeLessThanOrEqual(news.reduce((sum, count) => sum + count, 0));
    // Each click stands in a history once at most, and every one that was taken does.
    const clickers = all.flatMap(({ history }) => history.flatMap(({ slackUserId }) => slackUserId ?? []));
    expect(new Set(clickers).size).toBe(clickers.length);
    expect(clickers).toEqual(expect.arrayContaining([...this.#changed]));
  }

  readonly #takeTurns = () => this.#turns[this.#turn++ % this.#turns.length] ?? 0;

  async #evaluate(death: Death): Promise<void> {
    const ports = { ...this.#world.ports, notifiers: [this.#slack.notifier] };
    const { ports: mortalPorts, life } = mortal(ports, { ...death, turns: this.#takeTurns });
    await dying(() => evaluateAlerts([], mortalPorts));
    if (life.died) this.deaths += 1;
  }

  /** On the message that shows the pair, whatever it offers; as an old one that was left open would. */
  async #click(step: Extract<Step, { kind: 'click' }>): Promise<void> {
    const { pair, action, death, twice } = step;
    const [incident] = (await this.#world.incidents.live()).filter(({ finding }) => finding.subject === pair);
    const [message] = this.#slack.roots;
    if (incident === undefined || message === undefined) return;
    const by = { id: `U${this.#steps}`, name: `person ${this.#steps}` };
    const { body = '' } = this.#slack.click(message, action, incident.id, by) ?? {};
    const click = readClick(Buffer.from(body));
    if (click === undefined || click === 'other') return;
    await this.#send(click, death);
    if (twice) await this.#send(click, {});
  }

  async #send(click: Click, death: Death): Promise<void> {
    const { life, object } = mortalProcess({ ...death, turns: this.#takeTurns });
    const outcome = await dying(() =>
      takeClick(click, {
        incidents: object(this.#world.incidents),
        alertQueue: object({ send: async () => {} }),
        clock: this.#world.clock,
      }),
    );
    if (outcome === 'changed') this.#changed.add(click.by.slackUserId);
    if (life.died) this.deaths += 1;
  }
}

const NEWS = new Set(['opened', 'reminded', 'silence ended']);

/** Undefined where the process died. */
async function dying<Answer>(work: () => Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!isCrash(error)) throw error;
    return undefined;
  }
}

function isCrash(error: unknown): boolean {
  return error instanceof AggregateError ? error.errors.every(isCrash) : error instanceof Crash;
}
