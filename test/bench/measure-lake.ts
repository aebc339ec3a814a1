import { loadavg } from 'node:os';
import { round, type Section, sectionText } from './figures.ts';
import { functionSection, measureFunctions } from './measure-functions.ts';
import { measured } from './measured-process.ts';

/**
 * Publishes so many invites, and a twentieth of them, each in a process of its own. `node test/bench/measure-lake.ts
 * [invites]` prints it, 200,000 where nothing is said, and the publish function beside it.
 */
export async function measureLake(invites: number): Promise<Section> {
  const few = await measured({ kind: 'lake', records: Math.ceil(invites / 20) });
  const many = await measured({ kind: 'lake', records: invites });
  const processorMs = many.processorMs ?? 0;
  const megabytes = (many.writtenBytes ?? 0) / 1e6;
  return {
    title: 'The lake',
    figures: [
      {
        name: `${round(many.records)} invites into Parquet, with in-memory ports`,
        value: `${round((many.records * 1_000) / many.tookMs)} rows/s; ${round(many.tookMs / 1_000, 1)} s, of which ${round(processorMs / 1_000, 1)} s of processor time (${round((many.records * 1_000) / processorMs)} rows a second of it); ${round(megabytes, 1)} MB of files; ${round(many.peakMemoryMb)} MB of memory`,
        beside: `${round(few.peakMemoryMb)} MB of memory with ${round(few.records)}`,
        ratio: `${round(many.peakMemoryMb / few.peakMemoryMb, 2)} x`,
        bound:
          'one processor: JSON, compression, and making up the invites, which are read twice; no table, no network',
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
