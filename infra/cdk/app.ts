import { App } from 'aws-cdk-lib';
import * as z from 'zod';
import { loadConfiguration } from '../../shared/configuration.ts';
import { ConfigurationError } from '../../shared/errors.ts';
import { addStages } from './add-stages.ts';
import { readStages } from './settings/stages.ts';

const environment = z.object({ npm_lifecycle_event: z.string().optional() });

const app = new App();
try {
  const stage: unknown = app.node.tryGetContext('stage');
  if (stage === undefined && loadConfiguration(environment).npm_lifecycle_event === 'deploy') {
    throw new ConfigurationError([
      'stage: choose one to deploy, as in `npm run deploy -- --context stage=prod`',
    ]);
  }
  addStages(app, readStages(app.node.tryGetContext('stages'), stage));
} catch (error) {
  if (!(error instanceof ConfigurationError)) throw error;
  console.error(error.problems.map((problem) => `cdk.json: ${problem}`).join('\n'));
  process.exit(1);
}
