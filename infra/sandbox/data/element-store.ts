import type { JsonObject } from '../../../shared/json.ts';
import { ELEMENT_LISTS, type ElementList, type Elements } from '../company/elements.ts';
import { copyOf, Entry } from './collection.ts';

/** The elements of every list that belongs to one record. */
export class ElementStore {
  readonly #lists = new Map<ElementList, Map<string, Entry[]>>();

  constructor(elements: Record<ElementList, Elements>) {
    for (const list of ELEMENT_LISTS) {
      const byParent = [...elements[list]].map(([id, items]) => [id, items.map(entryOf)] as const);
      this.#lists.set(list, new Map(byParent));
    }
  }

  entries(list: ElementList, parentId: string): readonly Entry[] {
    return this.#lists.get(list)?.get(parentId) ?? [];
  }

  /** Answers copies of what is held from now on. */
  put(list: ElementList, parentId: string, items: readonly JsonObject[]): JsonObject[] {
    const copies = items.map(copyOf);
    this.#lists.get(list)?.set(parentId, copies.map(entryOf));
    return copies;
  }

  remove(list: ElementList, parentId: string): void {
    this.#lists.get(list)?.delete(parentId);
  }
}

/** One without an id is known by its place. */
function entryOf(item: JsonObject, place: number): Entry {
  return new Entry(item, 'id', typeof item.id === 'string' ? item.id : `place-${place}`);
}
