import type { Clock } from '../../clock.ts';
import type { Revision, StateItem } from '../../dynamodb/state-item.ts';
import type { Randomness } from '../../randomness.ts';
import type { ApiName } from '../../resources/resource.ts';
import type { PauseReason, RateBudget } from '../client/rate-budget.ts';
import { RateLimitedError } from '../http/errors.ts';
import { paused, type RateWindow, reserve } from './rate-window.ts';

/** A caller waits this long at most; what takes longer goes back to the queue. */
const LONGEST_WAIT_MS = 3_000;
/** Places of each minute that only urgent requests get, and the share of a small budget that they are at most. */
const URGENT_PLACES = 10;
const URGENT_SHARE = 0.1;
/** The random wait after another process was faster, so that they do not run into each other again. */
const CONFLICT_WAIT_MS = 25;

export interface RateBudgetPorts {
  /** The window of each API; its items lie under `budget#<api>` / `budget` in the State table. */
  windows: Record<ApiName, StateItem<RateWindow>>;
  /** Requests that any 60 seconds may hold. */
  requestsPerMinute: Record<ApiName, number>;
  clock: Clock;
  randomness: Randomness;
}

/**
 * A rate budget that all processes share through one item for each API. Every request costs a conditional write
 * of it, so each is checked against the newest pause and the newest count; callers of one process that come at
 * the same time share one write. A place that was taken and not used lapses with its slot.
 */
export class SharedRateBudget implements RateBudget {
  readonly #lanes: Record<ApiName, Lane>;

  constructor({ windows, requestsPerMinute, clock, randomness }: RateBudgetPorts) {
    const lane = (api: ApiName) => new Lane(api, windows[api], requestsPerMinute[api], clock, randomness);
    this.#lanes = { buildingconnected: lane('buildingconnected'), 'data-connector': lane('data-connector') };
  }

  take(api: ApiName, urgent = false): Promise<void> {
    return this.#lanes[api].take(urgent);
  }

  pause(api: ApiName, ms: number, by: PauseReason): Promise<void> {
    return this.#lanes[api].pause(ms, by);
  }
}

interface Caller {
  urgent: boolean;
  givesUpAtMs: number;
  go: () => void;
  refuse: (error: unknown) => void;
}

/** The requests of this process to one API: one reservation at a time, for all callers that wait. */
class Lane {
  readonly #api: ApiName;
  readonly #item: StateItem<RateWindow>;
  readonly #limit: number;
  /** Places that only urgent requests get. */
  readonly #kept: number;
  readonly #clock: Clock;
  readonly #randomness: Randomness;
  readonly #callers: Caller[] = [];
  #serving = false;
  /** What this process saw last. A write on it fails if another process has written since. */
  #known: Revision<RateWindow> | undefined;

  constructor(
    api: ApiName,
    item: StateItem<RateWindow>,
    limit: number,
    clock: Clock,
    randomness: Randomness,
  ) {
    this.#api = api;
    this.#item = item;
    this.#limit = limit;
    this.#kept = Math.min(URGENT_PLACES, Math.floor(limit * URGENT_SHARE));
    this.#clock = clock;
    this.#randomness = randomness;
  }

  take(urgent: boolean): Promise<void> {
    return new Promise((go, refuse) => {
      this.#callers.push({ urgent, givesUpAtMs: this.#clock.now() + LONGEST_WAIT_MS, go, refuse });
      if (!this.#serving) void this.#serve();
    });
  }

  async pause(ms: number, by: PauseReason): Promise<void> {
    await this.#change((window) => ({
      window: paused(window, this.#clock.now(), ms, by),
      granted: 0,
      waitMs: 0,
    }));
  }

  async #serve(): Promise<void> {
    this.#serving = true;
    try {
      while (this.#callers.length > 0) {
        const urgent = this.#callers.filter((caller) => caller.urgent);
        const turn = urgent.length > 0 ? urgent : [...this.#callers];
        const limit = urgent.length > 0 ? this.#limit : this.#limit - this.#kept;
        const { granted, waitMs } = await this.#change((window) =>
          reserve(window, this.#clock.now(), turn.length, limit),
        );
        for (const caller of turn.slice(0, granted)) this.#dismiss(caller).go();
        if (granted === 0) await this.#wait(waitMs);
      }
    } catch (error) {
      for (const caller of this.#callers.splice(0)) caller.refuse(error);
    } finally {
      this.#serving = false;
    }
  }

  #dismiss(caller: Caller): Caller {
    this.#callers.splice(this.#callers.indexOf(caller), 1);
    return caller;
  }

  async #wait(waitMs: number): Promise<void> {
    const resumesAtMs = this.#clock.now() + waitMs;
    const impatient = this.#callers.filter((caller) => caller.givesUpAtMs < resumesAtMs);
    for (const caller of impatient) {
      this.#dismiss(caller).refuse(new RateLimitedError(this.#api, waitMs));
    }
    if (this.#callers.length > 0) await this.#clock.sleep(waitMs);
  }

  /** Applies a decision to the newest window and stores it, if it changes anything. */
  async #change<Decision extends { window: RateWindow }>(
    decide: (window: RateWindow) => Decision,
  ): Promise<Decision> {
    for (;;) {
      const known = this.#known ?? (await this.#item.read());
      const decision = decide(known.value);
      if (decision.window === known.value) {
        this.#known = known;
        return decision;
      }
      this.#known = undefined;
      if (await this.#item.write(decision.window, known.rev)) {
        this.#known = { value: decision.window, rev: known.rev + 1 };
        return decision;
      }
      await this.#clock.sleep(Math.round(this.#randomness.fraction() * CONFLICT_WAIT_MS));
    }
  }
}
