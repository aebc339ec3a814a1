import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDbEngine } from '../../infra/query/duckdb-engine.ts';
import { FolderLake } from '../../shared/lake/folder-lake.ts';
import { round, type Section, sectionText } from './figures.ts';
import { functionSection, measureFunctions } from './measure-functions.ts';
import { measured } from './measured-process.ts';
import type { TaskResult } from './tasks.ts';

/**
 * Publishes so many invites, and a twentieth of them, each in a process of its own. `node test/bench/measure-lake.ts
 * [invites]` prints it, 200,000 where nothing is said, and the publish function beside it.
 */
export async function measureLake(invites: number): Promise<Section> {
  const folder = await mkdtemp(join(tmpdir(), 'measure-lake-'));
  try {
    const few = await measured({
      kind: 'lake',
      records: Math.ceil(invites / 20),
      folder: join(folder, 'few'),
    });
    const many = await measured({ kind: 'lake', records: invites, folder: join(folder, 'many') });
    return sectionOf(few, many, await questionMs(join(folder, 'many')));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const QUESTION =
  'SELECT state, count(*), max(updated_at) FROM invites WHERE deleted_at IS NULL GROUP BY state';

/** How long DuckDB takes for a question over all rows, opening the tables included. */
async function questionMs(folder: string): Promise<number> {
  const engine = new DuckDbEngine(new FolderLake(folder), folder);
  const startedMs = performance.now();
  const { rows } = await engine.ask(QUESTION, new AbortController().signal);
  await Array.fromAsync(rows);
  return performance.now() - startedMs;
}

function sectionOf(few: TaskResult, many: TaskResult, askedMs: number): Section {
  const processorMs = many.processorMs ?? 0;
  const megabytes = (many.writtenBytes ?? 0) / 1e6;
  return {
    title: 'The lake',
    figures: [
      {
        name: `${round(many.records)} invites into Parquet, with in-memory ports`,
        value: `${round((many.records * 1_000) / many.tookMs)} rows/s; ${round(many.tookMs / 1_000, 1)} s and ${round(processorMs / 1_000, 1)} s of processor time (${round((many.records * 1_000) / processorMs)} rows a second of it); ${round(megabytes, 1)} MB of files; ${round(many.peakMemoryMb)} MB of memory`,
        beside: `${round(few.peakMemoryMb)} MB of memory with ${round(few.records)}`,
        ratio: `${round(many.peakMemoryMb / few.peakMemoryMb, 2)} x`,
        bound:
          'one processor: JSON, compression, and making up the invites, which are read twice; no table, no network',
      },
      {
        name: `a question over ${round(many.records)} invites, by DuckDB`,
        value: `${round(askedMs / 1_000, 2)} s`,
        bound: 'opening the database and the files; two columns of them are read',
      },
    ],
  };
}

if (import.meta.main) {
  const busy = loadavg()[0] ?? 0;
  const section = await measureLake(Number(process.argv[2] ?? 200_000));
  const bundle = functionSection(await measureFunctions(['Publish']));
  process.stdout.write(
    `${[section, bundle].map(sectionText).join('\n\n')}\n\nLoad average at the start: ${round(busy, 1)}\n`,
  );
}
