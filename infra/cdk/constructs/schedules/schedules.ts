import { Aws, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { CfnSchedule, CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { PublishEvent } from '../../../../functions/publish/publish-event.ts';
import type { ScheduleEvent } from '../../../../shared/queue/messages.ts';
import { acknowledge } from '../acknowledge.ts';
import type { Alarms, AlarmText } from '../alarms.ts';
import type { SyncFunction } from '../sync-function.ts';

export interface SchedulesProps {
  prefix: string;
  timeZone: string;
  encryptionKey: IKey;
  alarms: Alarms;
  deadLetters: AlarmText;
}

export interface ScheduleProps {
  name: string;
  /** `rate(...)` or `cron(...)`; a cron is read in the stage's time zone. */
  expression: string;
  /** What it starts, and with what. */
  target: SyncFunction;
  event: ScheduleEvent | PublishEvent;
  /** For how long a start that failed is still worth a try. */
  maximumAge: Duration;
}

/** The clock of a stage: each schedule starts a function with an event, and what cannot be started is kept. */
export class Schedules extends Construct {
  readonly deadLetters: Queue;
  readonly #props: SchedulesProps;
  readonly #group: CfnScheduleGroup;
  readonly #role: Role;
  readonly #targets = new Set<SyncFunction>();

  constructor(scope: Construct, id: string, props: SchedulesProps) {
    super(scope, id);
    this.#props = props;
    this.#group = new CfnScheduleGroup(this, 'Group', { name: props.prefix });
    this.deadLetters = new Queue(this, 'DeadLetters', {
      encryption: QueueEncryption.KMS,
      encryptionMasterKey: props.encryptionKey,
      dataKeyReuse: Duration.hours(1),
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    acknowledge(
      this.deadLetters,
      'AwsSolutions-SQS3',
      'It holds the dead letters of EventBridge Scheduler and of the function it starts, which name it themselves.',
    );
    this.#role = this.#schedulerRole();
    props.alarms.add({
      runbook: 'schedule-dead-letters',
      breaks: props.deadLetters.breaks,
      metric: this.deadLetters.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum' }),
      period: Duration.minutes(5),
      when: { above: 0 },
      periods: 1,
      missing: 'fine',
    });
  }

  add(props: ScheduleProps): void {
    this.#letStart(props.target);
    new CfnSchedule(this, props.name, {
      name: props.name,
      groupName: this.#props.prefix,
      scheduleExpression: props.expression,
      scheduleExpressionTimezone: this.#props.timeZone,
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: props.target.function.functionArn,
        roleArn: this.#role.roleArn,
        input: JSON.stringify(props.event),
        retryPolicy: {
          maximumEventAgeInSeconds: props.maximumAge.toSeconds(),
          maximumRetryAttempts: 10,
        },
        deadLetterConfig: { arn: this.deadLetters.queueArn },
      },
    }).addResourceDependency(this.#group);
  }

  #letStart(target: SyncFunction): void {
    if (this.#targets.has(target)) return;
    this.#targets.add(target);
    this.#role.addToPolicy(
      new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [target.function.functionArn] }),
    );
  }

  #schedulerRole(): Role {
    const { encryptionKey, prefix } = this.#props;
    const groupArn = Stack.of(this).formatArn({
      service: 'scheduler',
      resource: 'schedule-group',
      resourceName: prefix,
    });
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID, 'aws:SourceArn': groupArn } },
      }),
    });
    role.addToPolicy(
      new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [this.deadLetters.queueArn] }),
    );
    role.addToPolicy(
      new PolicyStatement({
        actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
        resources: [encryptionKey.keyArn],
        conditions: { StringEquals: { 'kms:ViaService': `sqs.${Aws.REGION}.amazonaws.com` } },
      }),
    );
    return role;
  }
}
