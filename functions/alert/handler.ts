import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SESv2Client } from '@aws-sdk/client-sesv2';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { readSlackSettings } from '../../shared/alerts/slack/slack-settings.ts';
import { storedConnection } from '../../shared/autodesk/connection/authorization-status.ts';
import { SecretTokenVault } from '../../shared/autodesk/connection/secret-token-vault.ts';
import { alertPorts } from '../../shared/composition/alert.ts';
import { lambdaBasics } from '../../shared/composition/lambda.ts';
import { connectionLedger } from '../../shared/composition/stores.ts';
import { loadConfiguration } from '../../shared/configuration.ts';
import { checkSchema } from '../../shared/dynamodb/schema-check.ts';
import { createSecretReader } from '../../shared/secrets.ts';
import { createAlert } from './alert.ts';
import { alertConfiguration } from './configuration.ts';

const { secrets, email, ...settings } = loadConfiguration(alertConfiguration);
const dynamodb = new DynamoDBClient();
const secretsManager = new SecretsManagerClient();
const given = { ...lambdaBasics(), ...settings, dynamodb };
const reader = createSecretReader(secretsManager, given.clock);
const tokenVault = new SecretTokenVault(secretsManager, secrets.token);

export const handler = createAlert(
  alertPorts({
    ...given,
    sqs: new SQSClient(),
    sns: new SNSClient(),
    ...(email && { ses: { ...email, client: new SESv2Client() } }),
    slack: async () => (secrets.slack === undefined ? undefined : readSlackSettings(reader, secrets.slack)),
    connection: storedConnection(tokenVault, connectionLedger(given), given.clock),
  }),
).use(checkSchema(dynamodb, [settings.tables.state], [settings.tables.records]));
