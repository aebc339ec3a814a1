import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  CfnStage,
  HttpApi,
  HttpMethod,
  type HttpRoute,
  HttpStage,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import type { Alarms, AlarmText } from './alarms.ts';
import type { SyncFunction } from './sync-function.ts';
import { syncMetric } from './sync-metric.ts';

export interface CallbackApiProps {
  name: string;
  /** Takes callbacks and events of webhooks. */
  target: SyncFunction;
  /** Takes clicks in Slack. */
  slack: SyncFunction;
  logRetention: RetentionDays;
  alarms: Alarms;
  /** By what was refused; `clicks` where Slack is told. */
  refused: { callbacks: AlarmText; webhooks: AlarmText; clicks?: AlarmText };
  failed: AlarmText;
}

const CALLBACK_PATH = '/callbacks/data-connector/';
const WEBHOOK_PATH = '/webhooks/autodesk';
const SLACK_ACTIONS_PATH = '/slack/actions';

/** Of the route for events, whose address is no secret: what strangers send must not crowd out callbacks. */
const WEBHOOK_THROTTLE = { ThrottlingRateLimit: 10, ThrottlingBurstLimit: 20 };

/**
 * The public ways in, Data Connector's callback, events of webhooks and clicks in Slack, with any method: the functions
 * answer 405 themselves.
 */
export class CallbackApi extends Construct {
  readonly api: HttpApi;
  readonly #routes: HttpRoute[] = [];
  /** The address of the endpoint up to the token. */
  readonly callbackUrlBase: string;
  /** Where Autodesk sends events. */
  readonly webhookUrl: string;
  /** Where Slack reports clicks. */
  readonly slackActionsUrl: string;

  constructor(scope: Construct, id: string, props: CallbackApiProps) {
    super(scope, id);
    this.api = new HttpApi(this, 'Api', { apiName: props.name, createDefaultStage: false });
    const intake = new HttpLambdaIntegration('Intake', props.target.function);
    this.#route(
      `${CALLBACK_PATH}{token}`,
      intake,
      'Data Connector cannot send credentials. The 256-bit token in the path is what the intake checks.',
    );
    this.#route(
      WEBHOOK_PATH,
      intake,
      'Autodesk cannot send credentials. The function checks the signature of each request.',
    );
    this.#route(
      SLACK_ACTIONS_PATH,
      new HttpLambdaIntegration('Slack', props.slack.function),
      'Slack cannot send credentials. The function checks the signature of each request.',
    );
    const accessLogs = new LogGroup(this, 'AccessLogs', {
      retention: props.logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const stage = new HttpStage(this, 'Stage', {
      httpApi: this.api,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: 20, burstLimit: 50 },
      accessLogSettings: {
        destination: new LogGroupLogDestination(accessLogs),
        // Never the path or the routed address: the token stands in them.
        format: AccessLogFormat.custom(
          JSON.stringify({
            requestId: '$context.requestId',
            time: '$context.requestTimeEpoch',
            routeKey: '$context.routeKey',
            status: '$context.status',
            latencyMs: '$context.responseLatency',
            integrationStatus: '$context.integrationStatus',
          }),
        ),
      },
    });
    this.#throttle(stage);
    this.callbackUrlBase = `${this.api.apiEndpoint}${CALLBACK_PATH}`;
    this.webhookUrl = `${this.api.apiEndpoint}${WEBHOOK_PATH}`;
    this.slackActionsUrl = `${this.api.apiEndpoint}${SLACK_ACTIONS_PATH}`;
    this.#watchRefusals(props);
    props.alarms.add({
      runbook: 'callbacks-failed',
      breaks: props.failed.breaks,
      metric: this.api.metricServerError({ statistic: 'Sum' }),
      period: Duration.minutes(5),
      when: { above: 0 },
      periods: 1,
      missing: 'fine',
    });
  }

  /**
   * Counted by the functions, for each way in: the API's own count of 4xx has those of all of them, and of strangers who
   * try addresses that do not exist.
   */
  #watchRefusals({ name: service, alarms, refused }: CallbackApiProps): void {
    const common = { periods: 1, missing: 'fine' } as const;
    alarms.add({
      ...common,
      runbook: 'callbacks-refused',
      breaks: refused.callbacks.breaks,
      metric: syncMetric(service, 'CallbacksRefused', 'Sum'),
      period: Duration.minutes(15),
      when: { above: 10 },
    });
    if (refused.clicks) {
      alarms.add({
        ...common,
        runbook: 'clicks-refused',
        breaks: refused.clicks.breaks,
        metric: syncMetric(service, 'ClicksRefused', 'Sum'),
        period: Duration.minutes(15),
        when: { above: 10 },
      });
    }
    alarms.add({
      ...common,
      runbook: 'webhooks-refused',
      breaks: refused.webhooks.breaks,
      metric: syncMetric(service, 'WebhooksMissigned', 'Sum'),
      // Events are rare, and each is sent five times.
      period: Duration.hours(6),
      when: { above: 3 },
    });
  }

  #throttle(stage: HttpStage): void {
    const { defaultChild } = stage.node;
    if (!(defaultChild instanceof CfnStage)) throw new Error(`${stage.node.path} has no stage to change.`);
    defaultChild.routeSettings = { [`ANY ${WEBHOOK_PATH}`]: WEBHOOK_THROTTLE };
    // CloudFormation refuses settings of a route that is not there yet.
    stage.node.addDependency(...this.#routes);
  }

  #route(path: string, integration: HttpLambdaIntegration, withoutAuthorizer: string): void {
    for (const route of this.api.addRoutes({ path, methods: [HttpMethod.ANY], integration })) {
      acknowledge(route, 'AwsSolutions-APIG4', withoutAuthorizer);
      this.#routes.push(route);
    }
  }
}
