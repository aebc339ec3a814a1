import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { REPOSITORY } from '../support/processes/run-command.ts';
import { cdk } from './aws.ts';
import { throughProxy } from './iam/recording/through-proxy.ts';

const ALARM = 'AWS::CloudWatch::Alarm';

const cdkSettings = z.looseObject({ context: z.record(z.string(), z.unknown()) });
const template = z.looseObject({
  Resources: z.record(
    z.string(),
    z.looseObject({ Type: z.string(), Properties: z.record(z.string(), z.unknown()).optional() }),
  ),
});
type Template = z.infer<typeof template>;

export interface Assembly {
  folder: string;
  /** The alarms that are not deployed, by their logical ids. */
  leftOut: string[];
}

export interface AssemblyOptions {
  stages: Record<string, unknown>;
  /** An empty folder, for what is written on the way. */
  workFolder: string;
  /** Another version's folder. */
  repository?: string;
  /** Texts to be replaced in the templates: what another version has no setting for. */
  replaced?: Record<string, string>;
  /** What the functions call in place of AWS. */
  proxyUrl?: string;
}

/**
 * Synthesizes stages with the app as it is, as `cdk.json` would define them, and leaves out the one kind of
 * resource that the emulator refuses: alarms over several metrics.
 */
export async function synthesizeStages(options: AssemblyOptions): Promise<Assembly> {
  const { stages, workFolder, repository = REPOSITORY, replaced = {}, proxyUrl } = options;
  const settings = cdkSettings.parse(JSON.parse(await readFile(join(repository, 'cdk.json'), 'utf8')));
  await writeFile(
    join(workFolder, 'cdk.json'),
    JSON.stringify({
      ...settings,
      app: `"${process.execPath}" "${join(repository, 'infra/cdk/app.ts')}"`,
      context: { ...settings.context, stages },
    }),
  );
  const folder = join(workFolder, 'assembly');
  await cdk(['synth', '--quiet', '--output', folder], workFolder, { CI: 'true' });
  const leftOut: string[] = [];
  for (const name of await readdir(folder)) {
    if (!name.endsWith('.template.json')) continue;
    const file = join(folder, name);
    let text = await readFile(file, 'utf8');
    for (const [from, to] of Object.entries(replaced)) text = text.replaceAll(from, to);
    const found = template.parse(JSON.parse(text));
    const refused = alarmsOverSeveralMetrics(found);
    leftOut.push(...refused);
    const deployed = without(found, refused);
    await writeFile(
      file,
      JSON.stringify(proxyUrl === undefined ? deployed : throughProxy(deployed, proxyUrl)),
    );
  }
  return { folder, leftOut };
}

function alarmsOverSeveralMetrics({ Resources }: Template): string[] {
  return Object.entries(Resources).flatMap(([id, { Type, Properties }]) =>
    Type === ALARM && Properties?.Metrics !== undefined ? [id] : [],
  );
}

/** What refers to a resource that is left out, as the dashboard does, gets an address where nothing is. */
function without(whole: Template, ids: readonly string[]): unknown {
  const isReference = (value: object) =>
    'Fn::GetAtt' in value &&
    Array.isArray(value['Fn::GetAtt']) &&
    ids.includes(String(value['Fn::GetAtt'][0]));
  const rewrite = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(rewrite);
    if (typeof value !== 'object' || value === null) return value;
    if (isReference(value)) return 'arn:aws:cloudwatch:us-east-1:000000000000:alarm:left-out';
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, rewrite(inner)]));
  };
  const Resources = Object.fromEntries(Object.entries(whole.Resources).filter(([id]) => !ids.includes(id)));
  return rewrite({ ...whole, Resources });
}
