import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from '../../system-error.ts';

/** Old numbers stay as a fence for a while: a late writer must find its file taken. */
const KEPT_FILES = 3;
/** Storing takes milliseconds: an unfinished file older than this was left by a process that died. */
const LEFTOVER_AGE_MS = 60_000;

/** The newest of the files, and where it is. */
export interface NumberedFile {
  number: number;
  path: string;
  text: string;
}

/**
 * A value in a folder that processes change one after the other: a file `<name>-<number>.json` for each change, readable
 * by its owner only, the highest number being the one that counts.
 */
export class NumberedFiles {
  readonly #folder: string;
  readonly #name: string;

  constructor(folder: string, name: string) {
    this.#folder = folder;
    this.#name = name;
  }

  async newest(): Promise<NumberedFile | undefined> {
    for (;;) {
      const number = (await this.#numbers()).at(-1);
      if (number === undefined) return undefined;
      const path = this.#path(number);
      try {
        return { number, path, text: await readFile(path, 'utf8') };
      } catch (error) {
        // Three newer ones came between the two calls; the newest is somewhere else now.
        if (!hasCode(error, 'ENOENT')) throw error;
      }
    }
  }

  /** Stores the number that follows the newest one, durably. Answers false, and changes nothing, where it does not. */
  async add(number: number, text: string): Promise<boolean> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const stored = await this.#numbers();
    if (number !== (stored.at(-1) ?? 0) + 1) return false;
    const temporary = join(this.#folder, `${randomUUID()}.tmp`);
    let writtenAtMs: number;
    try {
      const file = await open(temporary, 'wx', 0o600);
      try {
        await file.writeFile(text);
        await file.sync();
        writtenAtMs = (await file.stat()).mtimeMs;
      } finally {
        await file.close();
      }
      // A link is a rename that fails where the name is taken, which makes the first of two writers win.
      await link(temporary, this.#path(number));
    } catch (error) {
      if (hasCode(error, 'EEXIST')) return false;
      throw error;
    } finally {
      await rm(temporary, { force: true });
    }
    await this.#syncFolder();
    for (const old of stored.slice(0, 1 - KEPT_FILES)) await rm(this.#path(old), { force: true });
    await this.#removeLeftovers(writtenAtMs);
    return true;
  }

  /** They may hold tokens. `nowMs` is the time of the file system, which may be another machine's. */
  async #removeLeftovers(nowMs: number): Promise<void> {
    for (const name of await readdir(this.#folder)) {
      if (!name.endsWith('.tmp')) continue;
      const path = join(this.#folder, name);
      // Gone: another process has finished with it, or has removed it first.
      const age = nowMs - ((await stat(path).catch(() => undefined))?.mtimeMs ?? nowMs);
      if (age > LEFTOVER_AGE_MS) await rm(path, { force: true });
    }
  }

  /** Of the stored files, lowest first. */
  async #numbers(): Promise<number[]> {
    try {
      return (await readdir(this.#folder))
        .map((name) => ({ name, number: Number(/-(\d{10})\.json$/.exec(name)?.[1]) }))
        .filter(({ name, number }) => name === this.#fileName(number))
        .map(({ number }) => number)
        .sort((a, b) => a - b);
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return [];
      throw error;
    }
  }

  #fileName(number: number): string {
    return `${this.#name}-${String(number).padStart(10, '0')}.json`;
  }

  #path(number: number): string {
    return join(this.#folder, this.#fileName(number));
  }

  async #syncFolder(): Promise<void> {
    const folder = await open(this.#folder, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }
}
