import { Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import { RECORDS_TABLE, STATE_TABLE } from '../../../shared/dynamodb/tables.ts';
import { addOutputs } from '../constructs/add-outputs.ts';
import { DescribedTable } from '../constructs/described-table.ts';
import { EncryptionKey } from '../constructs/encryption-key.ts';
import { Lake } from '../constructs/lake.ts';
import { PrivateBucket } from '../constructs/private-bucket.ts';
import { StoredSecret } from '../constructs/stored-secret.ts';
import { namePrefix, type StageSettings } from '../settings/stages.ts';

export interface DataStackProps extends StackProps {
  stage: string;
  settings: StageSettings;
}

/** What must outlive a deployment gone wrong: the mirror, the state of the sync, the secrets, the subscriptions. */
export class DataStack extends Stack {
  readonly key: EncryptionKey;
  readonly records: DescribedTable;
  readonly state: DescribedTable;
  readonly connectionSecret: StoredSecret;
  readonly tokenSecret: StoredSecret;
  readonly managementSecret: StoredSecret;
  readonly callbackSecret: StoredSecret;
  readonly webhookSecret: StoredSecret;
  readonly slackSecret: StoredSecret;
  readonly slackSigningSecret: StoredSecret;
  readonly fieldSecret: StoredSecret;
  readonly lake: Lake;
  readonly extracts: PrivateBucket;
  readonly alertsTopic: Topic;
  readonly operationsTopic: Topic;

  constructor(scope: Construct, id: string, props: DataStackProps) {
    super(scope, id, props);
    const { settings } = props;
    const removalPolicy = settings.removalPolicy === 'retain' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
    this.key = new EncryptionKey(this, 'Key', {
      alias: `alias/${namePrefix(props.stage)}`,
      removalPolicy,
    });
    const encryptionKey = this.key;
    this.records = new DescribedTable(this, 'Records', {
      description: RECORDS_TABLE,
      encryptionKey,
      removalPolicy,
    });
    this.state = new DescribedTable(this, 'State', {
      description: STATE_TABLE,
      encryptionKey,
      removalPolicy,
      timeToLiveAttribute: 'expiresAt',
    });
    this.connectionSecret = new StoredSecret(this, 'Connection', {
      description: 'The credentials of the Autodesk app',
      encryptionKey,
      removalPolicy,
      firstValue: 'none',
      rotation: 'Autodesk issues it; `ops configure` replaces it.',
    });
    this.tokenSecret = new StoredSecret(this, 'Token', {
      description: "Autodesk's refresh token, one version per refresh",
      encryptionKey,
      removalPolicy,
      firstValue: 'none',
      rotation: 'Autodesk replaces it at each use; the worker stores every new one.',
    });
    this.managementSecret = new StoredSecret(this, 'Management', {
      description: 'The sign-in that may create and write at Autodesk, one version per refresh',
      encryptionKey,
      removalPolicy,
      firstValue: 'none',
      rotation: 'Autodesk replaces it at each use; the worker and `ops` store every new one.',
    });
    this.callbackSecret = new StoredSecret(this, 'Callback', {
      description: "The token in Data Connector's callback URL",
      encryptionKey,
      removalPolicy,
      firstValue: 'token',
      rotation:
        'It is part of URLs stored at Autodesk; `ops callback-url` replaces it and keeps the old one valid.',
    });
    this.webhookSecret = new StoredSecret(this, 'Webhook', {
      description: 'What Autodesk signs the events of webhooks with',
      encryptionKey,
      removalPolicy,
      firstValue: 'none',
      rotation: 'It is known to Autodesk; `ops webhooks rotate` replaces it and keeps the old one valid.',
    });
    this.slackSecret = new StoredSecret(this, 'Slack', {
      description: 'The bot token and channel of the Slack app, or the URL of a Slack webhook',
      encryptionKey,
      removalPolicy,
      firstValue: 'none',
      rotation: 'Slack issues it; `ops configure` replaces it.',
    });
    this.slackSigningSecret = new StoredSecret(this, 'SlackSigning', {
      description: 'What Slack signs its requests with',
      encryptionKey,
      removalPolicy,
      firstValue: 'none',
      rotation: 'Slack issues it; `ops configure` replaces it.',
    });
    // There from the start, whether something is hashed or not: what was hashed once is hashed alike ever after.
    this.fieldSecret = new StoredSecret(this, 'Field', {
      description: 'What personal fields are hashed with',
      encryptionKey,
      removalPolicy,
      firstValue: 'token',
      rotation: 'Another value gives other hashes: what is stored would no longer match what is read.',
    });
    // Exported whether the worker reads them or not: a stage that hashes no more, or goes over to a service account, could
    // not be deployed otherwise, because the data stack comes first and would take away what the other one still imports.
    this.exportValue(this.fieldSecret.secretArn);
    this.exportValue(this.managementSecret.secretArn);
    this.lake = new Lake(this, 'Lake', {
      stage: props.stage,
      prefix: namePrefix(props.stage),
      encryptionKey,
      removalPolicy,
    });
    // There while nothing is landed, too: so that switching it off and on again keeps what was landed.
    this.extracts = new PrivateBucket(this, 'Extracts', {
      encryptionKey,
      removalPolicy,
      lifecycleRules: [
        { id: 'keep-days', prefix: 'extracts/', expiration: Duration.days(settings.dataConnector.keepDays) },
      ],
    });
    this.alertsTopic = this.#topic(
      'Alerts',
      'BuildingConnected alerts',
      settings.alerts.sender === undefined ? settings.alerts.emails : [],
    );
    this.operationsTopic = this.#topic('Operations', 'buildingconnected-sync', settings.operations.emails);
    addOutputs(this, {
      RecordsTable: this.records.tableName,
      StateTable: this.state.tableName,
      ExtractsBucket: this.extracts.bucketName,
      AlertsTopicArn: this.alertsTopic.topicArn,
      OperationsTopicArn: this.operationsTopic.topicArn,
      ConnectionSecretArn: this.connectionSecret.secretArn,
      TokenSecretArn: this.tokenSecret.secretArn,
      ManagementTokenSecretArn: this.managementSecret.secretArn,
      CallbackSecretArn: this.callbackSecret.secretArn,
      WebhookSecretArn: this.webhookSecret.secretArn,
      SlackSecretArn: this.slackSecret.secretArn,
      SlackSigningSecretArn: this.slackSigningSecret.secretArn,
      FieldSecretArn: this.fieldSecret.secretArn,
      LakeBucket: this.lake.bucket.bucketName,
      LakeDatabase: this.lake.databaseName,
      LakeWorkgroup: this.lake.workgroupName,
      AnalystPolicy: this.lake.analystPolicy.managedPolicyArn,
    });
  }

  #topic(id: string, displayName: string, emails: readonly string[]): Topic {
    const topic = new Topic(this, id, { displayName, masterKey: this.key, enforceSSL: true });
    for (const address of emails) topic.addSubscription(new EmailSubscription(address));
    return topic;
  }
}
