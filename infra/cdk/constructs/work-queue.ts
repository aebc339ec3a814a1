import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Alarms, AlarmText } from './alarms.ts';
import type { SyncFunction } from './sync-function.ts';

export interface WorkQueueProps {
  name: 'fetch' | 'alert';
  consumer: SyncFunction;
  fifo: boolean;
  batchSize: number;
  /** How many of the consumer run at once; at least 2 (a limit of the event source). */
  maxConcurrency: number;
  /** How many more run for a second queue, whose messages never wait behind those of the first. */
  urgentConcurrency?: number;
  encryptionKey: IKey;
  alarms: Alarms;
  /** `above`: the age of the oldest message, which must leave room for one failed attempt. */
  oldestMessage: AlarmText & { above: Duration };
  deadLetters: AlarmText;
}

/** How often a message is tried before it goes to the dead letters. */
const MAX_RECEIVES = 5;

/**
 * A queue with its one consumer and its dead letters. The visibility timeout follows the consumer's own timeout:
 * six times it is what AWS asks for, so that a throttled batch is not handed out twice.
 */
export class WorkQueue extends Construct {
  readonly queue: Queue;
  /** The second queue, with the same dead letters; the first itself where there is none. */
  readonly urgent: Queue;
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, props: WorkQueueProps) {
    super(scope, id);
    const visibilityTimeout = Duration.seconds(6 * props.consumer.timeout.toSeconds());
    if (props.oldestMessage.above.toSeconds() < visibilityTimeout.toSeconds()) {
      throw new Error(
        `The age alarm of the ${props.name} queue would fire at the first failed attempt: it must be at least ${visibilityTimeout.toHumanString()}.`,
      );
    }
    const shared = {
      ...(props.fifo ? { fifo: true } : {}),
      encryption: QueueEncryption.KMS,
      encryptionMasterKey: props.encryptionKey,
      dataKeyReuse: Duration.hours(1),
      enforceSSL: true,
      // Messages only say where to look; what they stand for is in the tables.
      removalPolicy: RemovalPolicy.DESTROY,
      retentionPeriod: Duration.days(14),
    };
    this.deadLetters = new Queue(this, 'DeadLetters', shared);
    const tried = {
      ...shared,
      visibilityTimeout,
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: MAX_RECEIVES },
    };
    this.queue = new Queue(this, 'Queue', tried);
    props.consumer.consume(this.queue, props);
    this.urgent = props.urgentConcurrency === undefined ? this.queue : new Queue(this, 'Urgent', tried);
    this.#watchAge(this.queue, props);
    if (props.urgentConcurrency !== undefined) {
      const { batchSize, urgentConcurrency: maxConcurrency } = props;
      props.consumer.consume(this.urgent, { id: 'UrgentMessages', batchSize, maxConcurrency });
      this.#watchAge(this.urgent, props, 'urgent');
    }
    props.alarms.add({
      runbook: `${props.name}-dead-letters`,
      breaks: props.deadLetters.breaks,
      metric: this.deadLetters.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum' }),
      period: Duration.minutes(5),
      when: { above: 0 },
      periods: 1,
      missing: 'fine',
    });
  }

  #watchAge(queue: Queue, { name, alarms, oldestMessage }: WorkQueueProps, subject?: string): void {
    alarms.add({
      runbook: `${name}-oldest-message`,
      ...(subject !== undefined && { subject }),
      breaks: oldestMessage.breaks,
      metric: queue.metricApproximateAgeOfOldestMessage({ statistic: 'Maximum' }),
      period: Duration.minutes(5),
      when: { above: oldestMessage.above.toSeconds() },
      periods: 2,
      missing: 'fine',
    });
  }
}
