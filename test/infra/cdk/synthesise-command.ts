import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod';

const run = promisify(execFile);

const assets = z.object({
  files: z.record(z.string(), z.object({ source: z.object({ path: z.string() }) })),
});

export interface SynthesisedApp {
  folder: string;
  templateFiles: string[];
  tookMs: number;
  /** The folder of the bundle with this asset hash. */
  bundleOf(stack: string, assetHash: string): Promise<string>;
  remove(): Promise<void>;
}

/**
 * Runs the synth command of package.json as it is, with nothing of this machine's AWS settings in its environment.
 * Rejects with its output where it fails.
 */
export async function synthesiseByCommand(
  args: readonly string[] = [],
  repository = process.cwd(),
): Promise<SynthesisedApp> {
  const folder = await mkdtemp(join(tmpdir(), 'buildingconnected-synth-'));
  const startedAt = performance.now();
  await run(
    process.execPath,
    ['node_modules/aws-cdk/bin/cdk', 'synth', '--quiet', '--output', folder, ...args],
    { cwd: repository, env: { PATH: process.env.PATH, HOME: folder, CI: 'true' } },
  );
  const manifest = z
    .object({ artifacts: z.record(z.string(), z.object({ type: z.string() })) })
    .parse(JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')));
  return {
    folder,
    templateFiles: Object.entries(manifest.artifacts)
      .filter(([, { type }]) => type === 'aws:cloudformation:stack')
      .map(([name]) => join(folder, `${name}.template.json`)),
    tookMs: performance.now() - startedAt,
    async bundleOf(stack, assetHash) {
      const { files } = assets.parse(
        JSON.parse(await readFile(join(folder, `${stack}.assets.json`), 'utf8')),
      );
      return join(folder, files[assetHash]?.source.path ?? 'no such bundle');
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
