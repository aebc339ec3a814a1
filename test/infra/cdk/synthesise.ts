import { readFileSync } from 'node:fs';
import { App } from 'aws-cdk-lib';
import * as z from 'zod';
import { addStages } from '../../../infra/cdk/add-stages.ts';
import { namePrefix, readStages } from '../../../infra/cdk/settings/stages.ts';
import { type StackTemplate, stackTemplate, type TemplateResource } from './stack-template.ts';

const cdkJson = z.object({ context: z.record(z.string(), z.unknown()) });

/** A stage that uses every setting, beside those of cdk.json. */
const FULL_STAGE = {
  accountIds: ['11111111-2222-3333-4444-555555555555'],
  timeZone: 'America/Chicago',
  resources: { invites: { fields: { email: 'hash', phoneNumber: 'drop' } } },
  autodesk: { baseUrl: 'https://autodesk.example.com', mode: 'test' },
  alerts: {
    emails: ['estimating@example.com'],
    sender: 'alerts@example.com',
    rules: { connection: { slackChannel: 'C0ENGINEERS' } },
  },
  lake: { everyMinutes: 15 },
  dataConnector: { extracts: true, keepDays: 30 },
  operations: { emails: ['operations@example.com'] },
};

/** What cdk.json says, with a further stage `full`. */
function stagesContext(): { context: Record<string, unknown>; stages: Record<string, unknown> } {
  const { context } = cdkJson.parse(JSON.parse(readFileSync('cdk.json', 'utf8')));
  const stages = z.record(z.string(), z.unknown()).parse(context.stages);
  return { context, stages: { ...stages, full: FULL_STAGE } };
}

/** The app as it stands before synthesis, without bundling. */
export function appOf(stages: Record<string, unknown>): App {
  const { context } = stagesContext();
  const app = new App({
    context: { ...context, 'aws:cdk:bundling-stacks': [] },
    // Seconds of validation each time; the whole app is validated once, where the command itself is tested.
    builtinCloudFormationValidation: false,
  });
  addStages(app, readStages(stages));
  return app;
}

export interface StageTemplates {
  data: StackTemplate;
  sync: StackTemplate;
}

/** The templates of every stage. */
export function synthesiseStages(): Map<string, StageTemplates> {
  const { stages } = stagesContext();
  const assembly = appOf(stages).synth();
  const of = (name: string): StackTemplate => stackTemplate.parse(assembly.getStackByName(name).template);
  return new Map(
    Object.keys(stages).map((stage) => [
      stage,
      { data: of(`${namePrefix(stage)}-data`), sync: of(namePrefix(stage)) },
    ]),
  );
}

/** All resources of some type in a template, by logical id. */
export function resourcesOf(
  { Resources }: StackTemplate,
  type: string,
): [logicalId: string, resource: TemplateResource][] {
  return Object.entries(Resources).filter(([, { Type }]) => Type === type);
}

/** The logical id that an attribute or a reference names. */
export function targetOf(value: unknown): string {
  const parsed = z
    .union([
      z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.string()]) }).transform((v) => v['Fn::GetAtt'][0]),
      z.object({ Ref: z.string() }).transform((v) => v.Ref),
      z.object({ 'Fn::ImportValue': z.string() }).transform((v) => exportedId(v['Fn::ImportValue'])),
    ])
    .parse(value);
  return parsed;
}

/** `stage-data:ExportsOutputFnGetAttRecords091F6ECAArnF7` names `Records`. */
function exportedId(exportName: string): string {
  const match = /ExportsOutput(?:Ref|FnGetAtt)((?:[A-Z][a-z]+)+)[0-9A-F]{8}/.exec(exportName);
  return match?.[1] ?? exportName;
}
