import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { SESv2Client } from '@aws-sdk/client-sesv2';
import type { SNSClient } from '@aws-sdk/client-sns';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { TokenVault } from '../../../shared/autodesk/connection/token-vault.ts';
import type { ObjectStore } from '../../../shared/extracts/object-store.ts';
import type { RecordTreatment } from '../../../shared/privacy/treated-api.ts';
import type { SecretStore } from '../../../shared/rotation/rotating-secret.ts';
import type { SecretReader } from '../../../shared/secrets.ts';
import type { Origin } from '../../local/data/data-folder.ts';
import type { QueueUrls } from '../../status/queue-status.ts';
import type { StageOutputs } from './stage-outputs.ts';

/** What a command works on, wherever it is. */
export interface Target {
  where: /** `sandbox`, `slackApi`: where the stand-ins are, while `npm start` runs them. */
    | { kind: 'local'; folder: string; origin: Origin; sandbox?: string; slackApi?: string }
    | {
        kind: 'aws';
        stage: string;
        outputs: StageOutputs;
        secretsManager: SecretsManagerClient;
        secrets: SecretReader;
      };
  dynamodb: DynamoDBClient;
  sqs: SQSClient;
  sns: SNSClient;
  tables: { records: string; state: string };
  queues: QueueUrls;
  alertsTopicArn: string;
  /** Absent where emails go through the topic. */
  ses?: { client: SESv2Client; sender: string; recipients: readonly string[] };
  accountIds: readonly string[];
  enabledResources: readonly string[];
  /** For how many days records deleted at Autodesk are kept. */
  purgeDeletedAfterDays: number;
  /** What is done to records before they are stored. */
  treatment: RecordTreatment;
  /** For how many days replaced versions of records are kept; 0: none are. */
  historyDays: number;
  /** In which people are told times. */
  timeZone: string;
  tokenVault: TokenVault;
  /** Where landed extracts lie; `LandedExtracts` finds its way in it. */
  extractStore(): Promise<ObjectStore>;
  callbackTokens: SecretStore;
  /** What Autodesk signs the events of webhooks with. */
  webhookSecret: SecretStore;
  /** The callback address without its token, such as `https://.../callbacks/data-connector/`; absent while nothing listens. */
  callbackUrlBase?: string;
  /** Where events of webhooks arrive; absent while nothing listens. */
  webhookUrl?: string;
  /** For a command that stays: lets others work on the same data folder meanwhile. */
  share?(): Promise<void>;
  close(): Promise<void>;
}

/** Where the data of a target is: what it takes to ask about it. */
export type DataPlace = Pick<Target, 'where' | 'timeZone'>;

/** Finds the data, and lets go of it when `work` has ended. */
export type OpenData = <Result>(work: (data: DataPlace) => Promise<Result>) => Promise<Result>;

/** Opens the target, and closes it when `work` has ended. */
export type OpenTarget = <Result>(work: (target: Target) => Promise<Result>) => Promise<Result>;
