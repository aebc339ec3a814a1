import type { StackTemplate } from '../../../infra/cdk/stack-template.ts';
import { synthesiseStages } from '../../../infra/cdk/synthesise.ts';
import { Deployment } from './deployment.ts';

const PLACE = { account: '000000000000', region: 'us-east-1', partition: 'aws' };
const HERE = 'us-east-1:000000000000';

/** A stage as though it had been deployed; `change` is made to the templates before. `full` uses every setting. */
export function deployedStage(
  change: (sync: StackTemplate, data: StackTemplate) => void = () => {},
  stage: 'prod' | 'full' = 'prod',
) {
  const { data, sync } = structuredClone(synthesised(stage));
  change(sync, data);
  const stacks = [data, sync].map((template) => ({ template, physicalIds: physicalIds(template) }));
  return new Deployment(stacks, PLACE);
}

let stages: ReturnType<typeof synthesiseStages> | undefined;

function synthesised(stage: string) {
  stages ??= synthesiseStages();
  const templates = stages.get(stage);
  if (templates === undefined) throw new Error(`There is no stage ${stage}.`);
  return templates;
}

/** Ids of the kind that CloudFormation gives, made of the logical ids without their hash. */
function physicalIds({ Resources }: StackTemplate): Record<string, string> {
  return Object.fromEntries(
    Object.entries(Resources).map(([id, { Type }]) => [id, physicalId(Type, id.replace(/[0-9A-F]{8}$/, ''))]),
  );
}

function physicalId(type: string, name: string): string {
  if (type === 'AWS::SQS::Queue') return `http://localhost:4566/000000000000/${name}`;
  if (type === 'AWS::SNS::Topic') return `arn:aws:sns:${HERE}:${name}`;
  if (type === 'AWS::SecretsManager::Secret') return `arn:aws:secretsmanager:${HERE}:secret:${name}-a1b2c3`;
  return name;
}
