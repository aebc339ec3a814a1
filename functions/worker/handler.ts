import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { credentialsInSecret } from '../../shared/autodesk/connection/credentials.ts';
import { SecretTokenVault } from '../../shared/autodesk/connection/secret-token-vault.ts';
import { connectAutodesk } from '../../shared/composition/autodesk.ts';
import { lambdaBasics } from '../../shared/composition/lambda.ts';
import type { ManagementSignIn } from '../../shared/composition/management.ts';
import { managementLedger } from '../../shared/composition/stores.ts';
import { workerPorts } from '../../shared/composition/worker.ts';
import { loadConfiguration } from '../../shared/configuration.ts';
import { checkSchema } from '../../shared/dynamodb/schema-check.ts';
import { S3ObjectStore } from '../../shared/extracts/s3-object-store.ts';
import { createStoredHashSecret } from '../../shared/privacy/hash-secret.ts';
import { createSecretReader } from '../../shared/secrets.ts';
import { workerConfiguration } from './configuration.ts';
import { createWorker } from './worker.ts';

const { tables, queues, secrets, fieldPolicy, autodesk, extracts, ...settings } =
  loadConfiguration(workerConfiguration);
const dynamodb = new DynamoDBClient();
const secretsManager = new SecretsManagerClient();
const basics = lambdaBasics();
const given = { ...basics, dynamodb, sqs: new SQSClient(), tables, queues };
const reader = createSecretReader(secretsManager, basics.clock);

export const handler = createWorker(
  workerPorts({
    ...given,
    ...settings,
    landing: landingIn(extracts),
    autodesk: connectAutodesk({
      ...given,
      ...autodesk,
      credentials: credentialsInSecret(autodesk.authorization, reader, secrets.connection),
      tokenVault: new SecretTokenVault(secretsManager, secrets.token),
      managementSignIn: managementIn(secrets.management),
      treatment: { policy: fieldPolicy, secret: createStoredHashSecret(reader, secrets.field) },
    }),
  }),
).use(checkSchema(dynamodb, Object.values(tables)));

function managementIn(secretArn: string | undefined): ManagementSignIn | undefined {
  if (secretArn === undefined) return undefined;
  return { vault: new SecretTokenVault(secretsManager, secretArn), ledger: managementLedger(given) };
}

function landingIn({ bucket, keepDays }: typeof extracts) {
  if (bucket === undefined) return undefined;
  // Each part would have to be given the checksum that its upload was begun with; what is stored is checked by its SHA-256.
  const s3 = new S3Client({ requestChecksumCalculation: 'WHEN_REQUIRED' });
  return { store: new S3ObjectStore(s3, bucket), keepDays };
}
