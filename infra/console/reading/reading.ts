import { type Names, shownName } from '../../../shared/alerts/conditions/names.ts';
import type { Incident } from '../../../shared/alerts/incidents/incident.ts';
import { RULES } from '../../../shared/alerts/rules/rule.ts';
import { sentBySlot } from '../../../shared/autodesk/budget/rate-window.ts';
import { isoTime } from '../../../shared/clock.ts';
import { mapConcurrently } from '../../../shared/concurrency.ts';
import { SyncError } from '../../../shared/errors.ts';
import type { ApiName } from '../../../shared/resources/resource.ts';
import { runHistoryPorts } from '../../ops/commands/work/runs.ts';
import { statusPorts } from '../../ops/commands/work/status-ports.ts';
import { readAutodeskSettings } from '../../ops/targets/autodesk-access.ts';
import { type Stores, storesOf } from '../../ops/targets/stores.ts';
import type { Target } from '../../ops/targets/target.ts';
import { type ListedRun, readRuns } from '../../status/run-history.ts';
import { readStatus, type Status } from '../../status/status.ts';
import { type DayFigures, dailyFigures } from './daily-figures.ts';
import { type FoundRecords, findRecords, type NamedRecord, readNames } from './find-records.ts';
import { Snapshot } from './snapshot.ts';
import { type Happening, timelineOf } from './timeline.ts';

/** An incident by the name that people know it by. */
export interface NamedIncident extends Incident {
  names: Names;
  about: string;
}

/** The requests of the last minute, of those that a minute may have. */
export interface Budget {
  api: ApiName;
  used: number;
  limit: number;
  /** By slots of five seconds, the oldest first. */
  slots: { startsAtMs: number; count: number }[];
}

const FAST_MS = 2_000;
/** On AWS each look costs reads. */
const SLOW_MS = 10_000;
const FAST_FIGURES_MS = 20_000;
const SLOW_FIGURES_MS = 10 * 60_000;
const NAMES_MS = 60_000;
const PAST_DAYS = 90;
const DAY_MS = 86_400_000;
const LOOKUPS_AT_A_TIME = 10;
const MINUTE_MS = 60_000;
const MINUTES = 60;
/** Runs that are looked through for those that changed something, and for what was read of late. */
const LOOKED_BACK = 300;

/** What the views show of a target, each part read no more often than it has to be. */
export class ConsoleReading {
  readonly target: Target;
  readonly stores: Stores;
  /** How often what is shown is looked at again. */
  readonly everyMs: number;
  readonly #status: Snapshot<Status>;
  readonly #live: Snapshot<Incident[]>;
  readonly #past: Snapshot<Incident[]>;
  readonly #figures: Snapshot<DayFigures[]>;
  readonly #budgets: Snapshot<Budget[]>;
  readonly #names: Snapshot<NamedRecord[]>;
  readonly #lastRuns: Snapshot<ListedRun[]>;

  constructor(target: Target) {
    this.target = target;
    this.stores = storesOf(target);
    const { clock, incidents } = this.stores;
    const isAws = target.where.kind === 'aws';
    this.everyMs = isAws ? SLOW_MS : FAST_MS;
    const ports = statusPorts(target);
    // Incidents are shown page by page, with names for those that are.
    const status = () => readStatus({ ...ports, incidents: async () => [] });
    this.#status = new Snapshot(status, this.everyMs, clock);
    this.#live = new Snapshot(() => incidents.live(), this.everyMs, clock);
    const past = () => incidents.past(isoTime(clock.now() - PAST_DAYS * DAY_MS));
    this.#past = new Snapshot(past, 30_000, clock);
    this.#figures = new Snapshot(
      () => dailyFigures(runHistoryPorts(target), clock.now()),
      isAws ? SLOW_FIGURES_MS : FAST_FIGURES_MS,
      clock,
    );
    this.#names = new Snapshot(() => readNames(this.stores), NAMES_MS, clock);
    this.#lastRuns = new Snapshot(() => this.runs({ limit: LOOKED_BACK }), this.everyMs, clock);
    this.#budgets = new Snapshot(() => this.#readBudgets(), this.everyMs, clock);
  }

  nowMs(): number {
    return this.stores.clock.now();
  }

  status(): Promise<Status> {
    return this.#status.get();
  }

  figures(): Promise<DayFigures[]> {
    return this.#figures.get();
  }

  budgets(): Promise<Budget[]> {
    return this.#budgets.get();
  }

  /** The object that `ops status --json` prints. */
  wholeStatus(): Promise<Status> {
    return readStatus(statusPorts(this.target));
  }

  runs(filter: {
    limit: number;
    before?: string;
    resource?: string;
    onlyFailed?: boolean;
  }): Promise<ListedRun[]> {
    return readRuns(filter, runHistoryPorts(this.target));
  }

  /** Those that stand, the most important first. */
  async standing(): Promise<Incident[]> {
    return (await this.#live.get())
      .filter(({ state }) => state !== 'resolved' && state !== 'pending')
      .sort(byImportance);
  }

  /** Those that were resolved within 90 days, the latest first. */
  async resolved(): Promise<Incident[]> {
    const [live, past] = await Promise.all([this.#live.get(), this.#past.get()]);
    const byId = new Map(
      [...past, ...live.filter(({ state, openedAt }) => state === 'resolved' && openedAt !== undefined)].map(
        (incident) => [incident.id, incident],
      ),
    );
    return [...byId.values()].sort((one, other) =>
      (other.resolvedAt ?? '').localeCompare(one.resolvedAt ?? ''),
    );
  }

  /** Records by an id, or by a part of the name of a project or an opportunity. */
  find(query: string): Promise<FoundRecords> {
    return findRecords(query, () => this.#names.get(), this.stores);
  }

  /** Records read in each of the last 60 minutes, by when their runs ended; the oldest first. */
  async readByMinute(): Promise<{ label: string; value: number }[]> {
    const runs = await this.#lastRuns.get();
    const now = Math.floor(this.nowMs() / MINUTE_MS);
    return Array.from({ length: MINUTES }, (_, index) => {
      const minute = now - MINUTES + 1 + index;
      const ended = runs.filter(
        ({ finishedAt }) => finishedAt !== null && Math.floor(Date.parse(finishedAt) / MINUTE_MS) === minute,
      );
      return {
        label: isoTime(minute * MINUTE_MS).slice(11, 16),
        value: ended.reduce((sum, { counts }) => sum + counts.fetched, 0),
      };
    });
  }

  /** What happened of late, the latest first. */
  async timeline(limit: number): Promise<Happening[]> {
    const [runs, standing, resolved] = await Promise.all([
      this.#lastRuns.get(),
      this.#live.get(),
      this.resolved(),
    ]);
    const stillStanding = standing.filter(({ state }) => state !== 'resolved');
    return timelineOf(runs, [...stillStanding, ...resolved], limit);
  }

  async incident(id: string): Promise<NamedIncident | undefined> {
    const all = [...(await this.#live.get()), ...(await this.#past.get())];
    const [named] = await this.named(all.filter((incident) => incident.id === id).slice(0, 1));
    return named;
  }

  named(incidents: readonly Incident[]): Promise<NamedIncident[]> {
    return mapConcurrently(incidents, LOOKUPS_AT_A_TIME, async (incident) => {
      const names = await this.stores.namesOf(incident.finding);
      return { ...incident, names, about: shownName(incident.finding, names) };
    });
  }

  /** After an action: what it has changed is shown at once. */
  async refresh(): Promise<void> {
    const shown = [this.#status, this.#live, this.#past, this.#lastRuns];
    await Promise.all(shown.map((part) => part.fresh()));
  }

  async #readBudgets(): Promise<Budget[]> {
    const { rateWindows, clock } = this.stores;
    const limits = await readAutodeskSettings(this.target)
      .then(({ requestsPerMinute }) => requestsPerMinute)
      .catch((error: unknown) => {
        // Nobody has configured it yet; the rest of the page does not need it.
        if (error instanceof SyncError) return undefined;
        throw error;
      });
    if (limits === undefined) return [];
    const apis: ApiName[] = ['buildingconnected', 'data-connector'];
    return Promise.all(
      apis.map(async (api) => {
        const { value } = await rateWindows[api].read();
        const slots = sentBySlot(value, clock.now());
        return { api, used: slots.reduce((sum, { count }) => sum + count, 0), limit: limits[api], slots };
      }),
    );
  }
}

/** What nobody has taken first, then by rule, then what began first. */
function byImportance(one: Incident, other: Incident): number {
  return (
    Number(one.state !== 'open') - Number(other.state !== 'open') ||
    RULES.indexOf(one.finding.rule) - RULES.indexOf(other.finding.rule) ||
    one.startedAt.localeCompare(other.startedAt)
  );
}
