import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { readSigningSecret } from '../../shared/alerts/slack/slack-settings.ts';
import { lambdaBasics } from '../../shared/composition/lambda.ts';
import { slackPorts } from '../../shared/composition/slack.ts';
import { loadConfiguration } from '../../shared/configuration.ts';
import { checkSchema } from '../../shared/dynamodb/schema-check.ts';
import { createSecretReader } from '../../shared/secrets.ts';
import { slackConfiguration } from './configuration.ts';
import { createSlack } from './slack.ts';

const { signingSecretArn, ...settings } = loadConfiguration(slackConfiguration);
const dynamodb = new DynamoDBClient();
const basics = lambdaBasics();
const secrets = createSecretReader(new SecretsManagerClient(), basics.clock);

export const handler = createSlack(
  slackPorts({
    ...basics,
    ...settings,
    dynamodb,
    sqs: new SQSClient(),
    signingSecret: () => readSigningSecret(secrets, signingSecretArn),
  }),
).use(checkSchema(dynamodb, Object.values(settings.tables)));
