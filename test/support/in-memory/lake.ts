import type { Lake, Published } from '../../../shared/lake/lake.ts';
import { outdated } from '../../../shared/lake/publication.ts';

/** The lake in memory, with what is done to it. */
export class InMemoryLake implements Lake {
  readonly #shown = new Map<string, Published>();
  /** `<table>/<publication>/<file>` */
  readonly files = new Map<string, Uint8Array>();

  async current(table: string): Promise<Published | undefined> {
    return this.#shown.get(table);
  }

  async names(prefix: string): Promise<string[]> {
    return [...this.#shown.keys()].filter((name) => name.startsWith(prefix));
  }

  async write(table: string, publication: string, file: string, bytes: Uint8Array): Promise<void> {
    this.files.set(`${table}/${publication}/${file}`, bytes);
  }

  async show(table: string, next: Published): Promise<void> {
    this.#shown.set(table, next);
  }

  async discard(table: string, before: string): Promise<void> {
    const own = [...this.files.keys()].filter((path) => path.startsWith(`${table}/`));
    const publications = new Set(own.map((path) => path.split('/')[1] ?? ''));
    for (const old of outdated([...publications], this.#shown.get(table)?.publication, before)) {
      for (const path of own) if (path.startsWith(`${table}/${old}/`)) this.files.delete(path);
    }
  }

  /** The files that readers of a table see. */
  filesOf(table: string): Uint8Array[] {
    const shown = this.#shown.get(table);
    const prefix = `${table}/${shown?.publication}/`;
    return [...this.files].flatMap(([path, bytes]) => (path.startsWith(prefix) ? [bytes] : []));
  }
}
