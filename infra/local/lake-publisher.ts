import { join } from 'node:path';
import type { Basics, RecordsAccess, StateAccess } from '../../shared/composition/given.ts';
import type { ObjectStore } from '../../shared/extracts/object-store.ts';
import { FolderLake } from '../../shared/lake/folder-lake.ts';
import { tableName } from '../../shared/lake/names.ts';
import { enabledLists } from '../../shared/sync/runs/resume-stalled.ts';
import type { RunReader } from '../../shared/sync/state/run.ts';
import { LAKE_FOLDER } from './data/data-folder.ts';

/** As a stage does without being told otherwise: what no run has changed is looked for so often. */
const LOOK_AT_ALL_EVERY_MS = 60 * 60_000;
/** So many runs are looked at for changes; after more of them, all records are. */
const RUNS_LOOKED_AT = 20;

export interface LakePublisherOptions extends Basics, StateAccess, RecordsAccess {
  tables: { records: string; state: string };
  /** Of the origin. */
  folder: string;
  runs: RunReader;
  accountIds: readonly string[];
  enabledResources: readonly string[];
  /** Where the files of Data Connector's jobs are landed; undefined while they are not. */
  extractStore: ObjectStore | undefined;
}

/** Publishes the lake of a data folder: what runs have changed at once, and everything once an hour. */
export class LakePublisher {
  readonly #options: LakePublisherOptions;
  readonly #lake: FolderLake;
  #lookAtAllAtMs: number;
  #publishing: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;
  #stopped = false;

  constructor(options: LakePublisherOptions) {
    this.#options = options;
    this.#lake = new FolderLake(join(options.folder, LAKE_FOLDER));
    this.#lookAtAllAtMs = options.clock.now() + LOOK_AT_ALL_EVERY_MS;
  }

  /**
   * Publishes the lists that have changed since they were published. While that goes on, further calls share the next
   * time. Throws `PublishingFailedError`; the mirror itself is not touched by that.
   */
  publish(): Promise<void> {
    this.#next ??= this.#publishing
      .catch(() => {})
      .then(() => {
        this.#next = undefined;
        this.#publishing = this.#publishChanged();
        return this.#publishing;
      });
    return this.#next;
  }

  /** Whether everything is to be looked at, also what no run has changed. */
  isTimeForAll(): boolean {
    return this.#options.clock.now() >= this.#lookAtAllAtMs;
  }

  /** Gives up the list that is being published, if one is: readers keep what they have. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await (this.#next ?? this.#publishing).catch(() => {});
  }

  async #publishChanged(): Promise<void> {
    const { clock, accountIds } = this.#options;
    const isTimeForAll = this.isTimeForAll();
    if (isTimeForAll) this.#lookAtAllAtMs = clock.now() + LOOK_AT_ALL_EVERY_MS;
    const resources: string[] = [];
    for (const resource of this.#options.enabledResources) {
      if (isTimeForAll || (await this.#hasChanged(resource))) resources.push(resource);
    }
    if (this.#stopped || (resources.length === 0 && this.#options.extractStore === undefined)) return;
    // Only here: most starts find nothing to publish.
    const [{ publishPorts }, { publishLists }] = await Promise.all([
      import('../../shared/composition/publish.ts'),
      import('../../shared/lake/publish-lists.ts'),
    ]);
    const lists = { resources, accountIds };
    const ports = publishPorts({
      ...this.#options,
      lists,
      lake: this.#lake,
    });
    await publishLists(lists, { ...ports, timeLeftMs: () => (this.#stopped ? 0 : Number.POSITIVE_INFINITY) });
  }

  /** Whether a run has changed a record since its table was published. */
  async #hasChanged(resource: string): Promise<boolean> {
    const { runs, accountIds } = this.#options;
    const current = await this.#lake.current(tableName(resource));
    for (const { scope } of enabledLists({ resources: [resource], accountIds })) {
      const ended = await runs.ended(resource, scope, { limit: RUNS_LOOKED_AT });
      if (current === undefined) {
        if (ended.length > 0) return true;
        continue;
      }
      const since = ended.filter(({ finishedAt }) => finishedAt >= current.asOf);
      const isLong = since.length === RUNS_LOOKED_AT;
      if (isLong || since.some(({ totals }) => changesIn(totals) > 0)) return true;
    }
    return false;
  }
}

function changesIn({ counts, lineItems }: Awaited<ReturnType<RunReader['ended']>>[number]['totals']): number {
  return [counts, lineItems].reduce(
    (sum, of) => sum + (of?.created ?? 0) + (of?.updated ?? 0) + (of?.deleted ?? 0),
    0,
  );
}
