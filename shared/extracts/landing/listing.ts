import type { RefusedFile } from '../manifest.ts';

/** A file that a job has made, as its data listing has it. */
export interface ListedFile {
  name: string;
  /** In bytes; undefined where the listing does not say it. */
  size: number | undefined;
}

/** Where one file comes from. The address is a secret for as long as it lives, so it only goes to a `Download`. */
export interface FileSource {
  size: number | undefined;
  address: SignedAddress;
}

/** What a job has made, as Autodesk tells it. Throws as `AutodeskApi` does. */
export interface ExtractFiles {
  /** Undefined where Autodesk knows no listing of this job. */
  listing(accountId: string, jobId: string): Promise<ListedFile[] | undefined>;
  /** An address to begin a transfer from within 60 seconds. Undefined where there is no such file. */
  source(accountId: string, jobId: string, name: string): Promise<FileSource | undefined>;
}

/** An address that lets whoever has it download a file: nothing that is printed, logged or stored shows it. */
export class SignedAddress {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  reveal(): string {
    return this.#url;
  }
}

const LONGEST_NAME = 200;
const MOST_FILES = 1_000;
const RESERVED = 'manifest.json';
const NAME = /^[\p{L}\p{N}_][\p{L}\p{N} ._()+,=@-]*$/u;

/**
 * The files to land, and those that are refused with the reason: names come from outside and become part of a key and
 * of a path. The archive is neither, because it holds the other files once more.
 */
export function chooseFiles(listed: readonly ListedFile[]): { files: ListedFile[]; refused: RefusedFile[] } {
  const files: ListedFile[] = [];
  const refused: RefusedFile[] = [];
  const names = new Set<string>();
  for (const file of listed) {
    if (file.name.toLowerCase().endsWith('.zip')) continue;
    const reason = names.has(file.name.toLowerCase())
      ? 'another file has the same name'
      : files.length === MOST_FILES
        ? `more than ${MOST_FILES} files`
        : whyRefused(file.name);
    if (reason === undefined) {
      files.push(file);
      names.add(file.name.toLowerCase());
    } else if (refused.length < MOST_FILES) {
      refused.push({ name: printable(file.name), reason });
    }
  }
  return { files, refused };
}

function whyRefused(name: string): string | undefined {
  if (name === '') return 'it has no name';
  if (Buffer.byteLength(name) > LONGEST_NAME) return `the name is longer than ${LONGEST_NAME} bytes`;
  if (/[/\\]/.test(name)) return 'the name holds a path';
  if (name.toLowerCase() === RESERVED) return 'the name is taken by the manifest';
  if (name.includes('..') || name.endsWith('.') || name.endsWith(' ') || !NAME.test(name)) {
    return 'the name holds characters that a file name may not have';
  }
  return undefined;
}

/** A name that was refused, for people to read. */
function printable(name: string): string {
  return name.replace(/[^\p{L}\p{N} ._()+,=@/\\-]/gu, '?').slice(0, 80);
}
