import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SESv2Client } from '@aws-sdk/client-sesv2';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SecretTokenVault } from '../../../shared/autodesk/connection/secret-token-vault.ts';
import { createSecretsManagerCallbackTokens } from '../../../shared/callbacks/callback-tokens.ts';
import { systemClock } from '../../../shared/clock.ts';
import { loadConfiguration } from '../../../shared/configuration.ts';
import { createStoredHashSecret } from '../../../shared/privacy/hash-secret.ts';
import { createSecretReader } from '../../../shared/secrets.ts';
import { createSecretsManagerWebhookSecret } from '../../../shared/webhooks/webhook-signature.ts';
import { CommandFailedError } from '../terminal/command-failed-error.ts';
import { openStageExtracts } from './stage-extracts.ts';
import { type StageOutputs, stageOutputs } from './stage-outputs.ts';
import type { Target } from './target.ts';

const SERVICE = 'buildingconnected-sync';

/** A deployed stage, through the caller's own credentials and region. */
export async function openAwsTarget(stage: string): Promise<Target> {
  const outputs = await readStageOutputs(stage, new CloudFormationClient());
  const dynamodb = new DynamoDBClient();
  const sqs = new SQSClient();
  const sns = new SNSClient();
  const secretsManager = new SecretsManagerClient();
  const secrets = createSecretReader(secretsManager, systemClock);
  return {
    where: { kind: 'aws', stage, outputs, secretsManager, secrets },
    dynamodb,
    sqs,
    sns,
    tables: { records: outputs.RecordsTable, state: outputs.StateTable },
    queues: {
      fetch: outputs.FetchQueueUrl,
      urgent: outputs.UrgentQueueUrl,
      fetchDeadLetters: outputs.FetchDeadLettersUrl,
      alert: outputs.AlertQueueUrl,
      alertDeadLetters: outputs.AlertDeadLettersUrl,
    },
    alertsTopicArn: outputs.AlertsTopicArn,
    ...(outputs.EmailSender !== undefined && {
      ses: { client: new SESv2Client(), sender: outputs.EmailSender, recipients: outputs.EmailRecipients },
    }),
    accountIds: outputs.AccountIds,
    enabledResources: outputs.EnabledResources,
    purgeDeletedAfterDays: outputs.PurgeDeletedAfterDays,
    treatment: {
      policy: outputs.FieldPolicy,
      secret: createStoredHashSecret(secrets, outputs.FieldSecretArn),
    },
    historyDays: outputs.HistoryDays,
    timeZone: outputs.TimeZone,
    tokenVault: new SecretTokenVault(secretsManager, outputs.TokenSecretArn),
    extractStore: () => openStageExtracts(stage, outputs),
    callbackTokens: createSecretsManagerCallbackTokens(secretsManager, outputs.CallbackSecretArn),
    webhookSecret: createSecretsManagerWebhookSecret(secretsManager, outputs.WebhookSecretArn),
    callbackUrlBase: outputs.CallbackUrlBase,
    webhookUrl: outputs.WebhookUrl,
    async close() {
      for (const client of [dynamodb, sqs, sns, secretsManager]) client.destroy();
    },
  };
}

/** Throws `ConfigurationError` naming the outputs that a stage lacks, `CommandFailedError` where it is not deployed. */
async function readStageOutputs(stage: string, cloudFormation: CloudFormationClient): Promise<StageOutputs> {
  const stack = `${SERVICE}-${stage}`;
  const outputs: Record<string, string | undefined> = {};
  for (const name of [`${stack}-data`, stack]) {
    const { Stacks = [] } = await cloudFormation
      .send(new DescribeStacksCommand({ StackName: name }))
      .catch((error: unknown) => {
        throw asFailure(error, stage, name);
      });
    for (const { OutputKey, OutputValue } of Stacks[0]?.Outputs ?? []) {
      if (OutputKey !== undefined) outputs[OutputKey] = OutputValue;
    }
  }
  return loadConfiguration(stageOutputs, outputs);
}

function asFailure(error: unknown, stage: string, stack: string): unknown {
  if (!(error instanceof Error)) return error;
  if (error.name === 'ValidationError' && error.message.includes('does not exist')) {
    return new CommandFailedError(
      `There is no stack ${stack} in this account and region.`,
      `Deploy the stage (\`npm run deploy -- --context stage=${stage}\`), or choose the account and region with AWS_PROFILE and AWS_REGION.`,
      { cause: error },
    );
  }
  if (['CredentialsProviderError', 'ExpiredTokenException', 'ExpiredToken'].includes(error.name)) {
    return new CommandFailedError(
      'No valid AWS credentials.',
      'Sign in (`aws sso login`, or AWS_PROFILE), then run the command again.',
      { cause: error },
    );
  }
  if (error.message.includes('Region is missing')) {
    return new CommandFailedError('No AWS region is set.', 'Set AWS_REGION, or use a profile that has one.', {
      cause: error,
    });
  }
  return error;
}
