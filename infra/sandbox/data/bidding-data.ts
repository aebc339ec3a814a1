import { type Clock, isoTime } from '../../../shared/clock.ts';
import type { JsonObject } from '../../../shared/json.ts';
import type { Company } from '../company/company.ts';
import { ELEMENT_LISTS, type ElementList } from '../company/elements.ts';
import { Collection, copyOf, type Entry, type ListOrder } from './collection.ts';
import { ElementStore } from './element-store.ts';

export const SANDBOX_RESOURCES = [
  'opportunity-project-pairs',
  'projects',
  'opportunities',
  'bid-packages',
  'project-team-members',
  'contacts',
  'users',
  'offices',
  'certificate-types',
  'certificate-agencies',
  'invites',
  'bids',
  'scope-specific-bid-forms',
  'project-bid-forms',
  'data-connector-requests',
  'data-connector-jobs',
] as const;
export type SandboxResource = (typeof SANDBOX_RESOURCES)[number];

/** What differs from the company as it was made; null stands for a record that was removed. */
export interface DataChanges {
  records: Record<string, Record<string, JsonObject | null>>;
  elements: Partial<Record<ElementList, Record<string, JsonObject[]>>>;
}

/**
 * Everything the sandbox serves. Records go in and come out as Autodesk sends them, without the lists inside them;
 * those are kept beside their record, in their order. Records that come out are not to be changed.
 */
export class BiddingData {
  readonly #clock: Clock;
  readonly #onChange: () => void;
  readonly #collections: Record<SandboxResource, Collection>;
  readonly #elements: ElementStore;
  readonly changes: DataChanges = { records: {}, elements: {} };

  constructor(company: Company, order: ListOrder, clock: Clock, onChange: () => void) {
    this.#clock = clock;
    this.#onChange = onChange;
    const holding = (records: JsonObject[]) => {
      const collection = new Collection(order);
      collection.load(records);
      return collection;
    };
    this.#collections = {
      'opportunity-project-pairs': holding(company.pairs),
      projects: holding(company.projects),
      opportunities: holding(company.opportunities),
      'bid-packages': holding(company.bidPackages),
      'project-team-members': holding(company.teamMembers),
      contacts: holding(company.contacts),
      users: holding(company.users),
      offices: holding(company.offices),
      'certificate-types': holding(company.certificateTypes),
      'certificate-agencies': holding(company.certificateAgencies),
      invites: holding(company.invites),
      bids: holding(company.bids),
      'scope-specific-bid-forms': holding(company.forms),
      'project-bid-forms': holding(company.projectForms),
      'data-connector-requests': holding(company.requests),
      'data-connector-jobs': holding(company.jobs),
    };
    this.#elements = new ElementStore(company.elements);
  }

  collection(resource: SandboxResource): Collection {
    return this.#collections[resource];
  }

  /** All records there are now, in list order. */
  records(resource: SandboxResource): JsonObject[] {
    return this.#collections[resource].entries.map((entry) => entry.record);
  }

  record(resource: SandboxResource, id: string): JsonObject | undefined {
    return this.#collections[resource].get(id)?.record;
  }

  /** Adds the record, or replaces the one of its id, exactly as given. */
  put(resource: SandboxResource, record: JsonObject): void {
    this.#collections[resource].put(record);
    this.#remember(resource, String(record.id), copyOf(record));
  }

  /** Changes fields of a record and moves its `updatedAt` to now. Jobs have none: change them quietly. */
  change(resource: SandboxResource, id: string, fields: JsonObject): void {
    this.changeQuietly(resource, id, { updatedAt: isoTime(this.#clock.now()), ...fields });
  }

  /** Changes fields of a record and nothing else: `updatedAt` stays. */
  changeQuietly(resource: SandboxResource, id: string, fields: JsonObject): void {
    const record = this.record(resource, id);
    if (record === undefined) throw new RangeError(`The sandbox has no ${resource} ${id}.`);
    this.put(resource, { ...record, ...fields });
  }

  /** The record is gone without a trace, as with Autodesk, and takes along what belongs to it. */
  remove(resource: SandboxResource, id: string): void {
    if (!this.#collections[resource].remove(id)) return;
    for (const list of ELEMENT_LISTS) {
      this.#elements.remove(list, id);
      delete this.changes.elements[list]?.[id];
    }
    this.#remember(resource, id, null);
  }

  /** The elements of a list that belongs to one record. */
  elements(list: ElementList, parentId: string): JsonObject[] {
    return this.elementEntries(list, parentId).map((entry) => entry.record);
  }

  elementEntries(list: ElementList, parentId: string): readonly Entry[] {
    return this.#elements.entries(list, parentId);
  }

  /** Replaces all elements of such a list; the record's `updatedAt` stays. */
  putElements(list: ElementList, parentId: string, items: readonly JsonObject[]): void {
    const changed = this.changes.elements[list] ?? {};
    changed[parentId] = this.#elements.put(list, parentId, items);
    this.changes.elements[list] = changed;
    this.#onChange();
  }

  /** Makes the changes of an earlier life again. */
  restore(changes: DataChanges): void {
    for (const resource of SANDBOX_RESOURCES) {
      for (const [id, record] of Object.entries(changes.records[resource] ?? {})) {
        if (record === null) this.remove(resource, id);
        else this.put(resource, record);
      }
    }
    for (const list of ELEMENT_LISTS) {
      for (const [id, items] of Object.entries(changes.elements[list] ?? {}))
        this.putElements(list, id, items);
    }
  }

  #remember(resource: SandboxResource, id: string, record: JsonObject | null): void {
    this.changes.records[resource] ??= {};
    this.changes.records[resource][id] = record;
    this.#onChange();
  }
}
