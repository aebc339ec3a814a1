import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { unlessMissing } from '../system-error.ts';
import { type Lake, type Published, published } from './lake.ts';
import { outdated } from './publication.ts';

const CURRENT = 'current.json';

/** The lake in a folder: `<table>/<publication>/*.parquet`, and `<table>/current.json`, which says what readers see. */
export class FolderLake implements Lake {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async current(table: string): Promise<Published | undefined> {
    const text = await readFile(join(this.#folder, table, CURRENT), 'utf8').catch(unlessMissing);
    return text === undefined ? undefined : published.parse(JSON.parse(text));
  }

  async names(prefix: string): Promise<string[]> {
    const names = (await readdir(this.#folder).catch(unlessMissing)) ?? [];
    return names.filter((name) => name.startsWith(prefix)).sort();
  }

  async write(table: string, publication: string, file: string, bytes: Uint8Array): Promise<void> {
    const folder = join(this.#folder, table, publication);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    // What is shown has to be there after a power cut, too.
    await writeFile(join(folder, file), bytes, { mode: 0o600, flush: true });
  }

  async show(table: string, next: Published): Promise<void> {
    await writeFileAtomic(join(this.#folder, table, CURRENT), JSON.stringify(next), { mode: 0o600 });
  }

  async discard(table: string, before: string): Promise<void> {
    const current = await this.current(table);
    const entries = await readdir(join(this.#folder, table), { withFileTypes: true });
    const publications = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    for (const publication of outdated(publications, current?.publication, before)) {
      await rm(join(this.#folder, table, publication), { recursive: true, force: true });
    }
  }

  /** The tables that there are, with the paths of their files, as readers see them now. */
  async tables(): Promise<{ name: string; published: Published; files: string[] }[]> {
    const tables = await Promise.all(
      (await this.names('')).map(async (name) => {
        const shown = await this.current(name);
        if (shown === undefined) return [];
        const folder = join(this.#folder, name, shown.publication);
        const files = (await readdir(folder)).sort().map((file) => join(folder, file));
        return [{ name, published: shown, files }];
      }),
    );
    return tables.flat();
  }
}
