import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { createSecretsManagerCallbackTokens } from '../../shared/callbacks/secrets-manager-callback-tokens.ts';
import { intakePorts } from '../../shared/composition/intake.ts';
import { lambdaBasics } from '../../shared/composition/lambda.ts';
import { loadConfiguration } from '../../shared/configuration.ts';
import { checkSchema } from '../../shared/dynamodb/schema-check.ts';
import { intakeConfiguration } from './configuration.ts';
import { createIntake } from './intake.ts';

const { callbackSecret, ...settings } = loadConfiguration(intakeConfiguration);
const dynamodb = new DynamoDBClient();

export const handler = createIntake(
  intakePorts({
    ...lambdaBasics(),
    ...settings,
    dynamodb,
    sqs: new SQSClient(),
    callbackTokens: createSecretsManagerCallbackTokens(new SecretsManagerClient(), callbackSecret),
  }),
).use(checkSchema(dynamodb, Object.values(settings.tables)));
