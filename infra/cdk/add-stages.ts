import { type App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { namePrefix, type StageSettings } from './settings/stages.ts';
import { DataStack } from './stacks/data-stack.ts';
import { SyncStack } from './stacks/sync-stack.ts';

/** Adds the two stacks of each stage. Synthesis fails where they break one of the AwsSolutions rules. */
export function addStages(app: App, stages: ReadonlyMap<string, StageSettings>): void {
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  for (const [stage, settings] of stages) {
    const prefix = namePrefix(stage);
    const tags = { application: 'buildingconnected-sync', stage };
    const data = new DataStack(app, `${prefix}-data`, {
      description: `buildingconnected-sync, stage ${stage}: data, secrets and topics`,
      tags,
      stage,
      settings,
    });
    new SyncStack(app, prefix, {
      description: `buildingconnected-sync, stage ${stage}: functions, queues and schedules`,
      tags,
      stage,
      settings,
      data,
    });
  }
}
