import type { APIGatewayProxyEventV2, Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { HttpResponse } from '../../../functions/http/http.ts';
import type { Clock } from '../../../shared/clock.ts';
import type { Log } from '../../../shared/observability/log.ts';
import type { ScheduleEvent } from '../../../shared/queue/messages.ts';
import type { LocalStack } from '../engines/local-stack.ts';
import { ALERT_TIMEOUT_MS, QUEUES, queueArn, queueUrls, WORKER_TIMEOUT_MS } from '../engines/queues.ts';
import { type EventSource, startEventSource } from './event-source.ts';
import { type HttpEndpoint, startHttpEndpoint } from './http-endpoint.ts';
import { lambdaContext } from './lambda-context.ts';
import { type RunningTimer, startTimer } from './timer.ts';

/** The functions as they are deployed, over ports of this machine. */
export interface LocalFunctions {
  intake(event: APIGatewayProxyEventV2 | ScheduleEvent, context: Context): Promise<HttpResponse | undefined>;
  worker(event: SQSEvent, context: Context): Promise<SQSBatchResponse>;
  alert(event: SQSEvent, context: Context): Promise<SQSBatchResponse>;
  slack(event: APIGatewayProxyEventV2, context: Context): Promise<HttpResponse>;
}

export interface RunningFunctions {
  /** Where the callback endpoint is, if there is one. */
  endpoint?: string;
  /** Has the intake do what a schedule asks for, now. */
  trigger(event: ScheduleEvent): Promise<void>;
  /** Has it done again and again. */
  schedule(name: string, intervalMs: number, event: ScheduleEvent): void;
  /** Takes nothing new, lets what runs come to its end. */
  stop(): Promise<void>;
}

/** As on AWS, where an event source has no fewer. */
const URGENT_WORKERS = 2;
const SCHEDULE_TIMEOUT_MS = 30_000;
/** An evaluation looks at everything, so several messages are one piece of work. */
const ALERT_BATCH_SIZE = 10;

/** Connects the functions to the queues and, with a port, to the callback endpoint; 0 is any free port. */
export async function startFunctions(options: {
  stack: LocalStack;
  functions: LocalFunctions;
  workers: number;
  port?: number;
  clock: Clock;
  log: Log;
}): Promise<RunningFunctions> {
  const { stack, functions, clock, log } = options;
  const endpoint: HttpEndpoint | undefined =
    options.port === undefined ? undefined : await startHttpEndpoint({ port: options.port, functions, log });
  const urls = queueUrls(stack.addresses.queues);
  const common = { sqs: stack.clients.sqs, clock, log };
  const startWorkers = (queue: 'fetch' | 'urgent', concurrency: number) =>
    startEventSource({
      ...common,
      queueUrl: urls[queue],
      queueArn: queueArn(QUEUES[queue].name),
      functionName: 'worker',
      handler: functions.worker,
      batchSize: 1,
      concurrency,
      timeoutMs: WORKER_TIMEOUT_MS,
    });
  const sources: EventSource[] = [
    startWorkers('fetch', options.workers),
    startWorkers('urgent', URGENT_WORKERS),
    startEventSource({
      ...common,
      queueUrl: urls.alert,
      queueArn: queueArn(QUEUES.alert.name),
      functionName: 'alert',
      handler: functions.alert,
      batchSize: ALERT_BATCH_SIZE,
      concurrency: 1,
      timeoutMs: ALERT_TIMEOUT_MS,
    }),
  ];
  const timers: RunningTimer[] = [];
  const trigger = async (event: ScheduleEvent) => {
    const deadline = clock.now() + SCHEDULE_TIMEOUT_MS;
    await functions.intake(
      event,
      lambdaContext('intake', () => deadline - clock.now()),
    );
  };
  return {
    ...(endpoint && { endpoint: endpoint.url }),
    trigger,
    schedule(name, intervalMs, event) {
      timers.push(startTimer({ name, intervalMs, task: () => trigger(event), clock, log }));
    },
    async stop() {
      await Promise.all([...timers.map((timer) => timer.stop()), endpoint?.stop()]);
      await Promise.all(sources.map((source) => source.stop()));
    },
  };
}
