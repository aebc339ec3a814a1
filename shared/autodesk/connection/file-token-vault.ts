import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type TokenGeneration, type TokenVault, tokenGenerationFrom } from './token-vault.ts';

const FILE_NAME = /^generation-(\d{10})\.json$/;
/** Old generations stay as a fence for a while: a late writer must find its file taken. */
const KEPT_GENERATIONS = 3;
/** Storing takes milliseconds: an unfinished file older than this was left by a process that died. */
const LEFTOVER_AGE_MS = 60_000;

/** Tokens in a folder, one file for each generation, readable by their owner only. */
export class FileTokenVault implements TokenVault {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async read(): Promise<TokenGeneration | undefined> {
    for (;;) {
      const newest = (await this.#generations()).at(-1);
      if (newest === undefined) return undefined;
      try {
        return tokenGenerationFrom(await readFile(this.#path(newest), 'utf8'), this.#path(newest));
      } catch (error) {
        // Three newer generations came between the two calls; the newest is somewhere else now.
        if (!hasCode(error, 'ENOENT')) throw error;
      }
    }
  }

  async store(token: TokenGeneration): Promise<boolean> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const stored = await this.#generations();
    if (token.generation !== (stored.at(-1) ?? 0) + 1) return false;
    const temporary = join(this.#folder, `${randomUUID()}.tmp`);
    let writtenAtMs: number;
    try {
      const file = await open(temporary, 'wx', 0o600);
      try {
        await file.writeFile(JSON.stringify(token));
        await file.sync();
        writtenAtMs = (await file.stat()).mtimeMs;
      } finally {
        await file.close();
      }
      // A link is a rename that fails where the name is taken, which makes the first of two writers win.
      await link(temporary, this.#path(token.generation));
    } catch (error) {
      if (hasCode(error, 'EEXIST')) return false;
      throw error;
    } finally {
      await rm(temporary, { force: true });
    }
    await this.#syncFolder();
    for (const old of stored.slice(0, 1 - KEPT_GENERATIONS)) await rm(this.#path(old), { force: true });
    await this.#removeLeftovers(writtenAtMs);
    return true;
  }

  /** They hold tokens. `nowMs` is the time of the file system, which may be another machine's. */
  async #removeLeftovers(nowMs: number): Promise<void> {
    for (const name of await readdir(this.#folder)) {
      if (!name.endsWith('.tmp')) continue;
      const path = join(this.#folder, name);
      // Gone: another process has finished with it, or has removed it first.
      const age = nowMs - ((await stat(path).catch(() => undefined))?.mtimeMs ?? nowMs);
      if (age > LEFTOVER_AGE_MS) await rm(path, { force: true });
    }
  }

  /** Numbers of the stored generations, oldest first. */
  async #generations(): Promise<number[]> {
    try {
      const names = await readdir(this.#folder);
      return names
        .flatMap((name) => FILE_NAME.exec(name)?.[1] ?? [])
        .map(Number)
        .sort((a, b) => a - b);
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return [];
      throw error;
    }
  }

  #path(generation: number): string {
    return join(this.#folder, `generation-${String(generation).padStart(10, '0')}.json`);
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

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
