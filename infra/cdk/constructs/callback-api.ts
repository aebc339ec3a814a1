import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { HttpApi, HttpMethod, HttpStage, LogGroupLogDestination } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import type { Alarms, AlarmText } from './alarms.ts';
import type { SyncFunction } from './sync-function.ts';

export interface CallbackApiProps {
  name: string;
  /** Takes callbacks. */
  target: SyncFunction;
  /** Takes clicks in Slack. */
  slack: SyncFunction;
  logRetention: RetentionDays;
  alarms: Alarms;
  refused: AlarmText;
  failed: AlarmText;
}

const CALLBACK_PATH = '/callbacks/data-connector/';
const SLACK_ACTIONS_PATH = '/slack/actions';

/** The public ways in, Data Connector's callback and clicks in Slack, with any method: the functions answer 405 themselves. */
export class CallbackApi extends Construct {
  readonly api: HttpApi;
  /** The address of the endpoint up to the token. */
  readonly callbackUrlBase: string;
  /** Where Slack reports clicks. */
  readonly slackActionsUrl: string;

  constructor(scope: Construct, id: string, props: CallbackApiProps) {
    super(scope, id);
    this.api = new HttpApi(this, 'Api', { apiName: props.name, createDefaultStage: false });
    this.#route(
      `${CALLBACK_PATH}{token}`,
      new HttpLambdaIntegration('Intake', props.target.function),
      'Data Connector cannot send credentials. The 256-bit token in the path is what the intake checks.',
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
    new HttpStage(this, 'Stage', {
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
    this.callbackUrlBase = `${this.api.apiEndpoint}${CALLBACK_PATH}`;
    this.slackActionsUrl = `${this.api.apiEndpoint}${SLACK_ACTIONS_PATH}`;
    props.alarms.add({
      runbook: 'callbacks-refused',
      breaks: props.refused.breaks,
      metric: this.api.metricClientError({ statistic: 'Sum' }),
      period: Duration.minutes(15),
      when: { above: 10 },
      periods: 1,
      missing: 'fine',
    });
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

  #route(path: string, integration: HttpLambdaIntegration, withoutAuthorizer: string): void {
    for (const route of this.api.addRoutes({ path, methods: [HttpMethod.ANY], integration })) {
      acknowledge(route, 'AwsSolutions-APIG4', withoutAuthorizer);
    }
  }
}
