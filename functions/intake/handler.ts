import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { createSecretsManagerCallbackTokens } from '../../shared/callbacks/callback-tokens.ts';
import { intakePorts } from '../../shared/composition/intake.ts';
import { lambdaBasics } from '../../shared/composition/lambda.ts';
import { loadConfiguration } from '../../shared/configuration.ts';
import { checkSchema } from '../../shared/dynamodb/schema-check.ts';
import { createSecretsManagerWebhookSecret } from '../../shared/webhooks/webhook-signature.ts';
import { intakeConfiguration } from './configuration.ts';
import { createIntake } from './intake.ts';

const { secrets, ...settings } = loadConfiguration(intakeConfiguration);
const dynamodb = new DynamoDBClient();
const secretsManager = new SecretsManagerClient();

export const handler = createIntake(
  intakePorts({
    ...lambdaBasics(),
    ...settings,
    dynamodb,
    sqs: new SQSClient(),
    callbackTokens: createSecretsManagerCallbackTokens(secretsManager, secrets.callback),
    webhookSecret: createSecretsManagerWebhookSecret(secretsManager, secrets.webhook),
  }),
).use(checkSchema(dynamodb, Object.values(settings.tables)));
