import { type Clock, isoTime } from '../../../shared/clock.ts';
import type { JsonObject } from '../../../shared/json.ts';
import type { Company } from '../company/company.ts';
import { Collection, copyOf, Entry, type ListOrder } from './collection.ts';

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
  'scope-specific-bid-forms',
  'data-connector-requests',
  'data-connector-jobs',
] as const;
export type SandboxResource = (typeof SANDBOX_RESOURCES)[number];

/** What differs from the company as it was made; null stands for a record that was removed. */
export interface DataChanges {
  records: Record<string, Record<string, JsonObject | null>>;
  lineItems: Record<string, JsonObject[]>;
}

/**
 * Everything the sandbox serves. Records go in and come out as Autodesk sends them, forms without `lineItems`;
 * those are kept beside their form, in their order. Records that come out are not to be changed.
 */
export class BiddingData {
  readonly #clock: Clock;
  readonly #onChange: () => void;
  readonly #collections: Record<SandboxResource, Collection>;
  readonly #lineItems = new Map<string, Entry[]>();
  readonly changes: DataChanges = { records: {}, lineItems: {} };

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
      'scope-specific-bid-forms': holding(company.forms),
      'data-connector-requests': holding(company.requests),
      'data-connector-jobs': holding(company.jobs),
    };
    for (const [formId, items] of company.lineItems) this.#lineItems.set(formId, items.map(entryOf));
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

  /** The record is gone without a trace, as with Autodesk. A form takes its line items along. */
  remove(resource: SandboxResource, id: string): void {
    if (!this.#collections[resource].remove(id)) return;
    if (resource === 'scope-specific-bid-forms') {
      this.#lineItems.delete(id);
      delete this.changes.lineItems[id];
    }
    this.#remember(resource, id, null);
  }

  lineItems(formId: string): JsonObject[] {
    return this.lineItemEntries(formId).map((entry) => entry.record);
  }

  lineItemEntries(formId: string): readonly Entry[] {
    return this.#lineItems.get(formId) ?? [];
  }

  /** Replaces all line items of a form; its `updatedAt` stays. */
  putLineItems(formId: string, items: readonly JsonObject[]): void {
    const copies = items.map(copyOf);
    this.#lineItems.set(formId, copies.map(entryOf));
    this.changes.lineItems[formId] = copies;
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
    for (const [formId, items] of Object.entries(changes.lineItems)) this.putLineItems(formId, items);
  }

  #remember(resource: SandboxResource, id: string, record: JsonObject | null): void {
    this.changes.records[resource] ??= {};
    this.changes.records[resource][id] = record;
    this.#onChange();
  }
}

function entryOf(item: JsonObject): Entry {
  return new Entry(item, 'id');
}
