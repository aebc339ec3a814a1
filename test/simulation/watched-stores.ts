import type { RecordHead, RecordKey } from '../../shared/records/record.ts';
import { isSameVersion, keyText, type RecordVersion } from '../../shared/records/record-store.ts';
import { findNested } from '../../shared/resources/registry.ts';
import type { Scope } from '../../shared/resources/resource.ts';
import type { ScopeState } from '../../shared/sync/state/run.ts';
import { InMemoryRecordStore } from '../support/in-memory/record-store.ts';
import { InMemoryRunStore } from '../support/in-memory/run-store.ts';
import type { Witness } from './witness.ts';

/** The mirror, with the witness looking at each write and indexes that lag. */
export class WatchedRecordStore extends InMemoryRecordStore {
  /** Whether the answer of an index is one of a while ago. */
  isLagging: () => boolean = () => false;
  readonly #witnessOf: (resource: string) => Witness;
  readonly #keysBefore = new Map<string, RecordKey[]>();
  readonly #attentionBefore = new Map<string, RecordKey[]>();
  /** Every version of each record, noted when it was stored. */
  readonly #everStored = new Map<string, { key: RecordKey; heads: RecordHead[] }>();

  constructor(witnessOf: (resource: string) => Witness) {
    super();
    this.#witnessOf = witnessOf;
  }

  override overwrite(version: RecordVersion): void {
    const before = this.headNow(version);
    super.overwrite(version);
    if (before !== undefined) this.#of(version).overwrote(before, version);
    this.#note(version);
  }

  override markGone(key: RecordKey, readAt: string): void {
    const before = this.headNow(key);
    super.markGone(key, readAt);
    if (before === undefined) return;
    this.#of(key).overwrote(before, { ...key, readAt });
    if (findNested(key.resource) === undefined) this.#of(key).deleted(key, readAt);
    this.#note(key);
  }

  /** Invariant 7: every version that was ever stored is in the history or is the current one. */
  checkHistory(scope: Scope): void {
    for (const { key, heads } of this.#everStored.values()) {
      const known = [...this.historyNow(key, scope), this.headNow(key)];
      for (const head of heads) {
        if (known.some((version) => version && isSameVersion(version, head))) continue;
        this.#of(key).blame('a version was lost', `${keyText(key)} as read at ${head.readAt}`);
      }
    }
  }

  #note(key: RecordKey): void {
    const head = this.headNow(key);
    if (head === undefined) return;
    const stored = this.#everStored.get(keyText(key)) ?? { key, heads: [] };
    stored.heads.push(head);
    this.#everStored.set(keyText(key), stored);
  }

  override async *liveKeys(
    resource: string,
    scope: Scope,
    only: { shard?: number; since?: string } = {},
  ): AsyncIterable<RecordKey[]> {
    const pages: RecordKey[][] = [];
    for await (const page of super.liveKeys(resource, scope, only)) pages.push(page);
    const now = pages.flat();
    const asked = JSON.stringify([resource, scope, only]);
    const shown = this.isLagging() ? (this.#keysBefore.get(asked) ?? []) : now;
    this.#keysBefore.set(asked, now);
    if (shown.length > 0) yield shown;
  }

  #of({ resource }: RecordKey): Witness {
    return this.#witnessOf(findNested(resource)?.parent.name ?? resource);
  }

  override async *attention(resource: string): AsyncIterable<RecordKey> {
    const now: RecordKey[] = [];
    for await (const key of super.attention(resource)) now.push(key);
    const shown = this.isLagging() ? (this.#attentionBefore.get(resource) ?? []) : now;
    this.#attentionBefore.set(resource, now);
    yield* shown;
  }
}

/** The runs, with the witness looking at each change. */
export class WatchedRunStore extends InMemoryRunStore {
  onChange: (before: ScopeState, after: ScopeState) => void = () => {};

  override async update(
    resource: string,
    scope: Scope,
    decide: (state: ScopeState) => ScopeState | undefined,
  ): Promise<ScopeState> {
    let change: { before: ScopeState; after: ScopeState } | undefined;
    const answer = await super.update(resource, scope, (before) => {
      const after = decide(before);
      change = after && { before, after };
      return after;
    });
    if (change !== undefined) this.onChange(change.before, change.after);
    return answer;
  }
}
