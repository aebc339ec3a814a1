import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { publishEvent } from '../../../functions/publish/publish-event.ts';
import { EXTRACTS } from '../../../shared/extracts/manifest.ts';
import { isHashing } from '../../../shared/privacy/field-policy.ts';
import { addOutputs } from '../constructs/add-outputs.ts';
import { Alarms } from '../constructs/alarms.ts';
import { CallbackApi } from '../constructs/callback-api.ts';
import { Schedules } from '../constructs/schedules/schedules.ts';
import { addSyncSchedules } from '../constructs/schedules/sync-schedules.ts';
import { type FunctionName, SyncFunction } from '../constructs/sync-function.ts';
import { addMirrorAlarms } from '../constructs/watching/mirror-alarms.ts';
import { SyncDashboard } from '../constructs/watching/sync-dashboard.ts';
import { WorkQueue } from '../constructs/work-queue.ts';
import { fieldPolicyOf, mirroredResources, namePrefix, type StageSettings } from '../settings/stages.ts';
import type { DataStack } from './data-stack.ts';

export interface SyncStackProps extends StackProps {
  stage: string;
  settings: StageSettings;
  data: DataStack;
}

/** What runs: the functions with their queues, the callback endpoint, the clock, and what watches them. */
export class SyncStack extends Stack {
  readonly #stage: string;
  readonly #settings: StageSettings;
  readonly #data: DataStack;
  readonly #service: string;
  readonly #alarms: Alarms;

  constructor(scope: Construct, id: string, props: SyncStackProps) {
    super(scope, id, props);
    this.#stage = props.stage;
    this.#settings = props.settings;
    this.#data = props.data;
    this.#service = namePrefix(props.stage);
    this.#alarms = new Alarms(this, 'Alarms', {
      prefix: this.#service,
      topic: this.#data.operationsTopic,
    });

    const intake = this.#intake();
    const worker = this.#worker();
    const alert = this.#alert();
    const slack = this.#slack();
    const publish = this.#publish();
    const fetchQueue = this.#fetchQueue(worker);
    const alertQueue = this.#alertQueue(alert);
    this.#bind({ intake, worker, alert, slack, publish, fetchQueue, alertQueue });
    const callbackApi = this.#callbackApi(intake, slack);
    this.#schedules(intake, publish);
    this.#watch({
      functions: [intake, worker, alert, slack, publish],
      queues: [fetchQueue, alertQueue],
      callbackApi,
    });
    this.#outputs({ fetchQueue, alertQueue, callbackApi });
  }

  #intake(): SyncFunction {
    return new SyncFunction(this, 'Intake', {
      ...this.#everyFunction('intake', {
        ...this.#lists(),
        WORKER_CONCURRENCY: String(this.#settings.worker.concurrency),
      }),
      timeout: Duration.seconds(20),
      memoryMb: 512,
      errors: {
        breaks: 'Callbacks and schedules are not handled: no sync starts and no alerts are evaluated.',
        above: 2,
      },
      throttles: { breaks: 'Callbacks and schedules are handled late or not at all.' },
    });
  }

  #worker(): SyncFunction {
    const { autodesk, worker, dataConnector } = this.#settings;
    return new SyncFunction(this, 'Worker', {
      ...this.#everyFunction('worker', {
        ...this.#lists(),
        AUTHORIZATION: autodesk.authorization,
        AUTODESK_BASE_URL: autodesk.baseUrl,
        AUTODESK_REQUESTS_PER_MINUTE: String(autodesk.buildingconnectedRequestsPerMinute),
        DATA_CONNECTOR_REQUESTS_PER_MINUTE: String(autodesk.dataConnectorRequestsPerMinute),
        WORKER_CONCURRENCY: String(worker.concurrency),
        PURGE_DELETED_AFTER_DAYS: String(this.#settings.purgeDeletedAfterDays),
        ...this.#fieldPolicy('FIELD_POLICY'),
        HISTORY_DAYS: String(this.#settings.historyDays),
        ...(dataConnector.extracts ? { EXTRACTS_KEEP_DAYS: String(dataConnector.keepDays) } : {}),
        ...(autodesk.mode === 'test' ? { AUTODESK_BC_MODE: 'test' } : {}),
      }),
      timeout: Duration.minutes(5),
      memoryMb: 1024,
      errors: {
        breaks: 'Worker invocations are crashing: syncs slow down, and stop if every attempt crashes.',
        above: 5,
      },
      throttles: { breaks: 'Syncs slow down: the account has no capacity left for workers.' },
    });
  }

  #alert(): SyncFunction {
    return new SyncFunction(this, 'Alert', {
      ...this.#everyFunction('alert', {
        ...this.#lists(),
        ALERT_RULES: JSON.stringify(this.#settings.alerts.rules),
        TIME_ZONE: this.#settings.timeZone,
      }),
      timeout: Duration.minutes(1),
      memoryMb: 512,
      errors: { breaks: 'No one hears about failed file transfers on any channel.', above: 5 },
      throttles: { breaks: 'People hear about failed file transfers late.' },
    });
  }

  #slack(): SyncFunction {
    return new SyncFunction(this, 'Slack', {
      ...this.#everyFunction('slack'),
      // Slack waits three seconds; whoever clicked is told then that it did not work.
      timeout: Duration.seconds(10),
      // More memory is more CPU: a cold start has to be over in those three seconds, too.
      memoryMb: 1024,
      errors: {
        breaks: 'Buttons in Slack do nothing: incidents can be acknowledged with `ops ack` only.',
        above: 2,
      },
      throttles: { breaks: 'Clicks in Slack are answered late or not at all.' },
    });
  }

  #publish(): SyncFunction {
    return new SyncFunction(this, 'Publish', {
      ...this.#everyFunction('publish', this.#lists()),
      // The most there is: it grows with the longest list that has changed.
      timeout: Duration.minutes(15),
      // Where Lambda gives a whole processor, which is what limits it; it needs a sixth of the memory.
      memoryMb: 1769,
      errors: {
        breaks: 'Queries in SQL see old data. The mirror itself and its alerts are not affected.',
        above: 0,
      },
      throttles: { breaks: 'Queries in SQL see data that is older than it should be.' },
    });
  }

  #everyFunction<Name extends FunctionName>(name: Name, settings: Record<string, string> = {}) {
    return {
      name,
      service: this.#service,
      logRetention: this.#logRetention(),
      alarms: this.#alarms,
      settings: { STAGE: this.#stage, ...settings },
    };
  }

  /** Which lists are mirrored, for functions that have to know. */
  #lists(): Record<string, string> {
    const { accountIds } = this.#settings;
    return {
      ENABLED_RESOURCES: this.#resourceNames().join(','),
      ...(accountIds.length > 0 ? { AUTODESK_ACCOUNT_IDS: accountIds.join(',') } : {}),
    };
  }

  #fetchQueue(worker: SyncFunction): WorkQueue {
    return new WorkQueue(this, 'FetchQueue', {
      name: 'fetch',
      consumer: worker,
      fifo: false,
      batchSize: 1,
      maxConcurrency: this.#settings.worker.concurrency,
      // The least there is.
      urgentConcurrency: 2,
      encryptionKey: this.#data.key,
      alarms: this.#alarms,
      oldestMessage: {
        breaks: 'Work is waiting and nothing picks it up: data goes stale even though nothing fails.',
        above: Duration.minutes(45),
      },
      deadLetters: {
        breaks: 'A message failed for good or could not be read; records may be missing until it is retried.',
      },
    });
  }

  #alertQueue(alert: SyncFunction): WorkQueue {
    return new WorkQueue(this, 'AlertQueue', {
      name: 'alert',
      consumer: alert,
      fifo: true,
      batchSize: 10,
      // The least there is. All messages are of one group, so one at a time is evaluated anyway.
      maxConcurrency: 2,
      encryptionKey: this.#data.key,
      alarms: this.#alarms,
      oldestMessage: {
        breaks: 'Alerts are late: failed file transfers are detected but not reported.',
        above: Duration.minutes(15),
      },
      deadLetters: {
        breaks: 'An alert evaluation failed for good; the next one covers it unless they all fail.',
      },
    });
  }

  #bind(parts: {
    intake: SyncFunction;
    worker: SyncFunction;
    alert: SyncFunction;
    slack: SyncFunction;
    publish: SyncFunction;
    fetchQueue: WorkQueue;
    alertQueue: WorkQueue;
  }): void {
    const { intake, worker, alert, slack, publish, fetchQueue, alertQueue } = parts;
    const data = this.#data;

    intake.bindTable('STATE_TABLE', data.state, { actions: ['GetItem', 'PutItem', 'Query', 'UpdateItem'] });
    intake.bindQueue('FETCH_QUEUE_URL', fetchQueue.queue);
    intake.bindQueue('URGENT_QUEUE_URL', fetchQueue.urgent);
    intake.bindQueue('ALERT_QUEUE_URL', alertQueue.queue);
    intake.bindSecret('CALLBACK_SECRET_ARN', data.callbackSecret, 'read');
    intake.bindSecret('WEBHOOK_SECRET_ARN', data.webhookSecret, 'read');

    worker.bindTable('RECORDS_TABLE', data.records, {
      actions: ['BatchGetItem', 'DeleteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'],
      indexes: ['attention', 'by-update'],
    });
    worker.bindTable('STATE_TABLE', data.state, {
      actions: ['BatchWriteItem', 'DeleteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'],
    });
    worker.bindQueue('FETCH_QUEUE_URL', fetchQueue.queue);
    worker.bindQueue('URGENT_QUEUE_URL', fetchQueue.urgent);
    worker.bindQueue('FETCH_DEAD_LETTERS_URL', fetchQueue.deadLetters);
    worker.bindQueue('ALERT_QUEUE_URL', alertQueue.queue);
    worker.bindSecret('CONNECTION_SECRET_ARN', data.connectionSecret, 'read');
    worker.bindSecret('TOKEN_SECRET_ARN', data.tokenSecret, 'read and write');
    if (this.#settings.autodesk.authorization === 'user') {
      worker.bindSecret('MANAGEMENT_TOKEN_SECRET_ARN', data.managementSecret, 'read and write');
    }
    if (isHashing(fieldPolicyOf(this.#settings))) {
      worker.bindSecret('FIELD_SECRET_ARN', data.fieldSecret, 'read');
    }
    if (this.#settings.dataConnector.extracts) {
      worker.bindBucket('EXTRACTS_BUCKET', data.extracts, EXTRACTS, 'read and write');
      publish.bindBucket('EXTRACTS_BUCKET', data.extracts, EXTRACTS, 'read');
    }

    alert.bindTable('RECORDS_TABLE', data.records, {
      actions: ['BatchGetItem', 'GetItem'],
      indexes: ['attention', 'by-project', 'by-update'],
    });
    alert.bindTable('STATE_TABLE', data.state, { actions: ['DeleteItem', 'GetItem', 'PutItem', 'Query'] });
    alert.bindQueue('ALERT_DEAD_LETTERS_URL', alertQueue.deadLetters);
    alert.bindSecret('TOKEN_SECRET_ARN', data.tokenSecret, 'read');
    alert.bindTopic('ALERTS_TOPIC_ARN', data.alertsTopic, data.key);
    const { sender, emails } = this.#settings.alerts;
    if (sender !== undefined) alert.bindSender(sender, emails);
    if (this.#settings.alerts.slack) alert.bindSecret('SLACK_SECRET_ARN', data.slackSecret, 'read');

    slack.bindTable('STATE_TABLE', data.state, { actions: ['GetItem', 'PutItem', 'Query'] });
    slack.bindQueue('ALERT_QUEUE_URL', alertQueue.queue);
    slack.bindSecret('SLACK_SIGNING_SECRET_ARN', data.slackSigningSecret, 'read');

    publish.bindTable('RECORDS_TABLE', data.records, {
      actions: ['BatchGetItem', 'GetItem', 'Query'],
      indexes: ['by-update'],
    });
    publish.bindTable('STATE_TABLE', data.state, { actions: ['GetItem', 'PutItem'] });
    publish.bindLake(data.lake, { seesWhichThereAre: this.#settings.dataConnector.extracts });
  }

  #callbackApi(intake: SyncFunction, slack: SyncFunction): CallbackApi {
    return new CallbackApi(this, 'Callbacks', {
      name: this.#service,
      target: intake,
      slack,
      logRetention: this.#logRetention(),
      alarms: this.#alarms,
      refused: {
        callbacks: {
          breaks: 'Autodesk may be calling an expired URL; changes then wait for the next scheduled sync.',
        },
        webhooks: {
          breaks:
            'Autodesk may sign events with a secret that we do not know; new bids then wait for the next scheduled sync.',
        },
        ...(this.#settings.alerts.slack && {
          clicks: { breaks: 'Buttons in Slack do nothing: Slack may sign with another secret than ours.' },
        }),
      },
      failed: {
        breaks:
          'Callbacks are lost; their changes wait for the next scheduled sync. Events of webhooks come again.',
      },
    });
  }

  #schedules(intake: SyncFunction, publish: SyncFunction): void {
    const schedules = new Schedules(this, 'Schedules', {
      prefix: this.#service,
      timeZone: this.#settings.timeZone,
      encryptionKey: this.#data.key,
      alarms: this.#alarms,
      deadLetters: { breaks: 'A scheduled sync or evaluation never started; data and alerts may be late.' },
    });
    // Scheduler only hands an event over, so what the intake makes of it is for Lambda to keep.
    intake.keepFailedEvents(schedules.deadLetters);
    addSyncSchedules(schedules, intake, this.#settings);
    const { everyMinutes } = this.#settings.lake;
    schedules.add({
      name: 'publish',
      expression: `rate(${everyMinutes} minutes)`,
      target: publish,
      event: publishEvent.parse({ trigger: 'publish' }),
      maximumAge: Duration.minutes(everyMinutes),
    });
  }

  #watch(parts: { functions: SyncFunction[]; queues: WorkQueue[]; callbackApi: CallbackApi }): void {
    const apis = [...new Set(mirroredResources(this.#settings).map(({ resource }) => resource.api))];
    const channels = ['email', ...(this.#settings.alerts.slack ? ['slack'] : [])];
    addMirrorAlarms(this.#alarms, {
      service: this.#service,
      settings: this.#settings,
      apis,
      channels,
      tables: { records: this.#data.records, state: this.#data.state },
    });
    new SyncDashboard(this, 'Watch', {
      ...parts,
      service: this.#service,
      alarms: this.#alarms,
      resources: this.#resourceNames(),
      apis,
      channels,
      tables: { records: this.#data.records, state: this.#data.state },
    });
  }

  /** With those of the data stack, where `ops --stage` finds everything. The names are a contract with it. */
  #outputs(parts: { fetchQueue: WorkQueue; alertQueue: WorkQueue; callbackApi: CallbackApi }): void {
    const { fetchQueue, alertQueue, callbackApi } = parts;
    const { accountIds, purgeDeletedAfterDays, historyDays, autodesk, timeZone, alerts } = this.#settings;
    addOutputs(this, {
      FetchQueueUrl: fetchQueue.queue.queueUrl,
      UrgentQueueUrl: fetchQueue.urgent.queueUrl,
      FetchDeadLettersUrl: fetchQueue.deadLetters.queueUrl,
      AlertQueueUrl: alertQueue.queue.queueUrl,
      AlertDeadLettersUrl: alertQueue.deadLetters.queueUrl,
      CallbackUrlBase: callbackApi.callbackUrlBase,
      WebhookUrl: callbackApi.webhookUrl,
      SlackActionsUrl: callbackApi.slackActionsUrl,
      ...this.#slackChannels(),
      ...this.#fieldPolicy('FieldPolicy'),
      AutodeskBaseUrl: autodesk.baseUrl,
      AutodeskRequestsPerMinute: String(autodesk.buildingconnectedRequestsPerMinute),
      DataConnectorRequestsPerMinute: String(autodesk.dataConnectorRequestsPerMinute),
      ...(autodesk.mode === 'test' ? { AutodeskMode: autodesk.mode } : {}),
      EnabledResources: this.#resourceNames().join(','),
      TimeZone: timeZone,
      ...(alerts.sender === undefined
        ? {}
        : { EmailSender: alerts.sender, EmailRecipients: alerts.emails.join(',') }),
      PurgeDeletedAfterDays: String(purgeDeletedAfterDays),
      HistoryDays: String(historyDays),
      ...(accountIds.length > 0 ? { AccountIds: accountIds.join(',') } : {}),
    });
  }

  /** By rule: the Slack channel of its own. */
  #slackChannels(): Record<string, string> {
    const channels = Object.entries(this.#settings.alerts.rules).flatMap(([rule, { slackChannel }]) =>
      slackChannel === undefined ? [] : [[rule, slackChannel]],
    );
    return channels.length === 0 ? {} : { SlackChannels: JSON.stringify(Object.fromEntries(channels)) };
  }

  /** Under the name that it is told by; nothing where nothing is dropped or hashed. */
  #fieldPolicy(name: string): Record<string, string> {
    const policy = fieldPolicyOf(this.#settings);
    return Object.keys(policy).length === 0 ? {} : { [name]: JSON.stringify(policy) };
  }

  #resourceNames(): string[] {
    return mirroredResources(this.#settings).map(({ resource }) => resource.name);
  }

  #logRetention(): RetentionDays {
    return this.#settings.logRetentionDays;
  }
}
