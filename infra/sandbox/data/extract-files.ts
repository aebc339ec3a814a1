import { createHash } from 'node:crypto';
import { seededRandomness } from '../seed/seeded-randomness.ts';
import { FIRST_NAMES, LAST_NAMES, OUR_DOMAIN, PROJECT_KINDS, PROJECT_PLACES } from '../seed/vocabulary.ts';

/** A file that a job has made. */
export interface ExtractFile {
  name: string;
  /** In bytes. */
  size: number;
  /** What the listing says instead, where that is another number. */
  saidSize?: number;
  /** Its bytes from one of them on, the same each time. */
  read(from: number): Iterable<Buffer>;
}

const BLOCK_BYTES = 64 * 1024;
const LINE_BYTES = 64;

/** The files of jobs: small tables that follow from the id of the job, and what a test puts beside or instead of them. */
export class ExtractFiles {
  readonly #changed = new Map<string, ExtractFile[]>();

  /** In the order of the listing. */
  of(jobId: string): ExtractFile[] {
    return this.#changed.get(jobId) ?? usualFiles(jobId);
  }

  find(jobId: string, name: string): ExtractFile | undefined {
    return this.of(jobId).find((file) => file.name === name);
  }

  /** Adds a file to those of a job, or replaces the one of its name. */
  put(jobId: string, file: ExtractFile): void {
    this.replace(jobId, [...this.of(jobId).filter(({ name }) => name !== file.name), file]);
  }

  replace(jobId: string, files: ExtractFile[]): void {
    this.#changed.set(jobId, files);
  }
}

/** A file with this content. */
export function textFile(name: string, content: string): ExtractFile {
  const bytes = Buffer.from(content);
  return {
    name,
    size: bytes.length,
    *read(from) {
      yield bytes.subarray(from);
    },
  };
}

/** A table of any length that is stored nowhere: blocks of lines, each block with its number in its first line. */
export function largeFile(name: string, size: number): ExtractFile {
  const block = blockOfLines(name);
  return {
    name,
    size,
    *read(from) {
      for (let at = from; at < size; ) {
        const number = Math.floor(at / BLOCK_BYTES);
        const lines = Buffer.from(block);
        lines.write(String(number), 'latin1');
        const chunk = lines.subarray(at - number * BLOCK_BYTES, size - number * BLOCK_BYTES);
        yield chunk;
        at += chunk.length;
      }
    },
  };
}

/** Of what `read` gives, hexadecimal. */
export function sha256Of(file: ExtractFile): string {
  const hash = createHash('sha256');
  for (const chunk of file.read(0)) hash.update(chunk);
  return hash.digest('hex');
}

function blockOfLines(name: string): Buffer {
  const randomness = seededRandomness(`lines/${name}`);
  const lines = Array.from({ length: BLOCK_BYTES / LINE_BYTES }, (_, line) =>
    `${String(line).padEnd(20)},${randomness.hex(12)}`.padEnd(LINE_BYTES - 1, ',').concat('\n'),
  );
  return Buffer.from(lines.join(''), 'latin1');
}

function usualFiles(jobId: string): ExtractFile[] {
  const randomness = seededRandomness(`extract/${jobId}`);
  const people = Array.from({ length: 3 + randomness.integer(20) }, (_, index) => {
    const [first, last] = [randomness.pick(FIRST_NAMES), randomness.pick(LAST_NAMES)];
    const email = `${first}.${last}@${OUR_DOMAIN}`.toLowerCase();
    return [String(index + 1), `${first} ${last}`, email, randomness.chance(0.9) ? 'active' : 'inactive'];
  });
  const projects = Array.from({ length: 2 + randomness.integer(6) }, (_, index) => [
    String(index + 1),
    `${randomness.pick(PROJECT_PLACES)} ${randomness.pick(PROJECT_KINDS)}`,
    randomness.chance(0.8) ? 'active' : 'archived',
  ]);
  const issues = Array.from({ length: 5 + randomness.integer(40) }, (_, index) => [
    String(index + 1),
    String(1 + randomness.integer(projects.length)),
    `Check "${randomness.pick(PROJECT_PLACES)}", again`,
    randomness.pick(['open', 'closed', 'draft']),
    '',
  ]);
  const tables = [
    textFile('admin_users.csv', csv(['id', 'name', 'email', 'status'], people)),
    textFile('admin_projects.csv', csv(['id', 'name', 'status'], projects)),
    textFile('issues_issues.csv', csv(['id', 'project_id', 'title', 'status', 'deleted_at'], issues)),
  ];
  const metadata = tables.map(({ name, size }) => [name, String(size)]);
  return [
    textFile('README.html', `<!doctype html><title>Extract ${jobId}</title><p>See schemas.</p>\n`),
    ...tables,
    textFile('metadata.csv', csv(['file', 'bytes'], metadata)),
    textFile('autodesk_data_extract.zip', `PK\u0003\u0004${randomness.hex(400)}`),
  ];
}

function csv(header: readonly string[], rows: readonly string[][]): string {
  const quoted = (cell: string) => (/[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
  return [header, ...rows].map((row) => `${row.map(quoted).join(',')}\n`).join('');
}
