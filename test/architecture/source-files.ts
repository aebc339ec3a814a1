import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

export const REPOSITORY = join(import.meta.dirname, '../..');

/** The source files of the product, by path from the root of the repository. */
export function sourceFiles(): string[] {
  return ['shared', 'functions', 'infra'].flatMap((top) =>
    readdirSync(join(REPOSITORY, top), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts'))
      .map((path) => join(top, path)),
  );
}

/** The files of ours that a file imports, by path from the root of the repository. */
export function importsOf(file: string): string[] {
  return [...read(file).matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+\.ts)'/g)].map(([, specifier = '']) =>
    relative(REPOSITORY, join(REPOSITORY, dirname(file), specifier)),
  );
}

export function read(path: string): string {
  return readFileSync(join(REPOSITORY, path), 'utf8');
}

export function isThere(path: string): boolean {
  return existsSync(join(REPOSITORY, path));
}
