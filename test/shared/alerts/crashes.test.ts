import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluateAlerts } from '../../../shared/alerts/evaluate-alerts.ts';
import type { Channel } from '../../../shared/alerts/rules/settings.ts';
import { AlertsWorld, type RecordingNotifier } from '../../support/alerts/alerts-world.ts';
import { Crash, type Death, mortal } from '../../support/alerts/mortal-ports.ts';

/** How a pair can stand. A pair that is made to fail gets a new error each time. */
type PairState = 'fine' | 'failed';

const FAILS_CHANGES_HEALS_FAILS_AGAIN: PairState[] = ['failed', 'failed', 'fine', 'failed'];

describe('a crash at any await', () => {
  it.each(FAILS_CHANGES_HEALS_FAILS_AGAIN.map((_state, index) => index))(
    'costs at most one repeat of one message and loses nothing (change %i)',
    async (crashingStep) => {
      for (const afterEffect of [false, true]) {
        for (let atCall = 1; ; atCall += 1) {
          const story = new Story();
          for (const [index, state] of FAILS_CHANGES_HEALS_FAILS_AGAIN.entries()) {
            story.change('p1', state, index % 2 === 0);
            if (index === crashingStep) await story.trigger([{ atCall, afterEffect }]);
            await story.settle();
          }
          story.check();
          if (story.deaths === 0) {
            expect(atCall).toBeGreaterThan(10);
            break;
          }
        }
      }
    },
  );
});

describe('repeated, late and concurrent triggers, some of which die', () => {
  it('tell each change once on each channel', async () => {
    const death = fc.record(
      { atCall: fc.integer({ min: 1, max: 60 }), afterEffect: fc.boolean() },
      { requiredKeys: [] },
    );
    const step = fc.record({
      pair: fc.constantFrom('p1', 'p2'),
      state: fc.constantFrom<PairState>('fine', 'failed'),
      movesUpdatedAt: fc.boolean(),
      indexLags: fc.boolean(),
      waves: fc.array(fc.array(death, { minLength: 1, maxLength: 3 }), { maxLength: 2 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 1, maxLength: 6 }),
        fc.array(fc.nat({ max: 5 }), { minLength: 1, maxLength: 40 }),
        async (steps, turns) => {
          const story = new Story(turns);
          for (const { pair, state, movesUpdatedAt, indexLags, waves } of steps) {
            story.change(pair, state, movesUpdatedAt);
            if (indexLags) story.hide(pair);
            for (const wave of waves) await story.trigger(wave);
            await story.settle();
          }
          story.check();
        },
      ),
      { numRuns: 300 },
    );
  });
});

/** Pairs that change, triggers that come as they like, and what the channels should have heard by then. */
class Story {
  readonly #world = new AlertsWorld();
  readonly #states = new Map<string, PairState>();
  readonly #expected: string[] = [];
  readonly #turns: readonly number[];
  readonly #repeatsAllowed: Record<Channel, number> = { slack: 0, email: 0 };
  #turn = 0;
  #changes = 0;
  deaths = 0;

  constructor(turns: readonly number[] = [0]) {
    this.#turns = turns;
  }

  change(pair: string, state: PairState, movesUpdatedAt: boolean): void {
    this.#world.minutesPass(5);
    this.#changes += 1;
    const error = `error ${this.#changes}`;
    this.#world.storePair(
      pair,
      state === 'fine' ? {} : { fileStatus: 'FAILED', fileSyncingError: error },
      movesUpdatedAt ? `2026-11-20T${String(this.#changes).padStart(2, '0')}:00:00.000Z` : undefined,
    );
    const before = this.#states.get(pair) ?? 'fine';
    this.#states.set(pair, state);
    const about = `opportunity-${pair}`;
    if (state === 'failed') {
      const note = before === 'failed' ? ' | The error message changed.' : '';
      this.#expected.push(`${about} | File transfer failed | ${error}${note}`);
    } else if (before === 'failed') {
      this.#expected.push(`${about} | File transfer fixed`);
    }
  }

  /** The index does not show the pair until the story has settled. */
  hide(pair: string): void {
    this.#world.hiddenFromIndex.add(pair);
  }

  /** Evaluations at the same time, some of which die. */
  async trigger(deaths: readonly Death[]): Promise<void> {
    await Promise.all(
      deaths.map(async (death) => {
        const turns = () => this.#turns[this.#turn++ % this.#turns.length] ?? 0;
        const { ports, life } = mortal(this.#world.ports, { ...death, turns });
        try {
          await evaluateAlerts([], ports);
        } catch (error) {
          if (!isCrash(error)) throw error;
        }
        if (!life.died) return;
        this.deaths += 1;
        for (const channel of life.sentOn) this.#repeatsAllowed[channel] += 1;
      }),
    );
  }

  /** The next triggers, which nothing happens to. */
  async settle(): Promise<void> {
    this.#world.hiddenFromIndex.clear();
    await this.trigger([{}, {}]);
    await this.trigger([{}]);
  }

  check(): void {
    for (const notifier of [this.#world.slack, this.#world.email]) {
      const said = saidOn(notifier);
      const once = [...new Map(said.map((one) => [one.key, one.text])).values()];
      expect(once).toEqual(this.#expected);
      const most = Math.max(0, ...once.map((_text, index) => repeats(said, index, once)));
      expect(most).toBeLessThanOrEqual(this.#repeatsAllowed[notifier.channel]);
    }
  }
}

interface Saying {
  /** The incident and what was said about it. */
  key: string;
  text: string;
}

function saidOn(notifier: RecordingNotifier): Saying[] {
  return notifier.sent.flatMap(({ items }) =>
    items.map((item) => {
      const opportunity = item.about.find(({ label }) => label === 'Opportunity')?.text;
      const text = [opportunity, item.title, item.error, item.note].filter(Boolean).join(' | ');
      return { key: `${item.incidentId} ${text}`, text };
    }),
  );
}

/** How often the saying at an index of the distinct ones was said again. */
function repeats(said: readonly Saying[], index: number, once: readonly string[]): number {
  const keys = [...new Set(said.map(({ key }) => key))];
  expect(keys).toHaveLength(once.length);
  return said.filter(({ key }) => key === keys[index]).length - 1;
}

function isCrash(error: unknown): boolean {
  return error instanceof AggregateError ? error.errors.every(isCrash) : error instanceof Crash;
}
