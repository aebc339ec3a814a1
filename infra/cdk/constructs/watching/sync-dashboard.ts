import { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { AlarmStatusWidget, MathExpression, type Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import { type CustomMetricGroup, DefaultDashboardFactory, MonitoringFacade } from 'cdk-monitoring-constructs';
import { Construct } from 'constructs';
import type { MetricName } from '../../../../shared/observability/metrics.ts';
import type { Alarms } from '../alarms.ts';
import type { CallbackApi } from '../callback-api.ts';
import type { DescribedTable } from '../described-table.ts';
import type { SyncFunction } from '../sync-function.ts';
import { METRIC_NAMESPACE, syncMetric } from '../sync-metric.ts';
import type { WorkQueue } from '../work-queue.ts';

export interface SyncDashboardProps {
  service: string;
  alarms: Alarms;
  resources: readonly string[];
  apis: readonly string[];
  channels: readonly string[];
  functions: readonly SyncFunction[];
  queues: readonly WorkQueue[];
  callbackApi: CallbackApi;
  tables: { records: DescribedTable; state: DescribedTable };
}

/** One dashboard a stage, from what users notice at the top to what engineers look up at the bottom. */
export class SyncDashboard extends Construct {
  readonly #props: SyncDashboardProps;

  constructor(scope: Construct, id: string, props: SyncDashboardProps) {
    super(scope, id);
    this.#props = props;
    const monitoring = new MonitoringFacade(this, 'Monitoring', {
      // The alarms are our own; see `Alarms`.
      alarmFactoryDefaults: { actionsEnabled: false, alarmNamePrefix: props.service },
      metricFactoryDefaults: { namespace: METRIC_NAMESPACE },
      dashboardFactory: new DefaultDashboardFactory(this, 'Dashboard', {
        dashboardNamePrefix: props.service,
      }),
    });
    monitoring
      .addWidget(
        new AlarmStatusWidget({ alarms: props.alarms.created, title: 'Alarms', width: 24, height: 5 }),
      )
      .addLargeHeader('The mirror')
      .monitorCustom({ alarmFriendlyName: 'mirror', metricGroups: this.#mirror() })
      .addLargeHeader('Autodesk')
      .monitorCustom({ alarmFriendlyName: 'autodesk', metricGroups: this.#autodesk() })
      .addLargeHeader('Alerts and callbacks')
      .monitorCustom({ alarmFriendlyName: 'alerts', metricGroups: this.#alerts() })
      .addLargeHeader('Machinery');
    this.#machinery(monitoring);
  }

  #mirror(): CustomMetricGroup[] {
    return [
      { title: 'Seconds since the last complete run started', metrics: this.#byResource('FreshnessSeconds') },
      { title: 'Records written', metrics: this.#byResource('RecordsWritten') },
      { title: 'Runs failed', metrics: this.#byResource('RunsFailed') },
    ];
  }

  #autodesk(): CustomMetricGroup[] {
    const { service, apis } = this.#props;
    return [
      {
        title: 'Requests',
        metrics: apis.map((api) => syncMetric(service, 'ApiCalls', 'Sum', { api }).with({ label: api })),
      },
      {
        title: 'Requests throttled with 429, in percent',
        metrics: apis.map((api) => throttledShare(service, api)),
      },
      { title: 'Days until the sign-in expires', metrics: [syncMetric(service, 'TokenDaysLeft', 'Minimum')] },
    ];
  }

  #alerts(): CustomMetricGroup[] {
    const { service, channels } = this.#props;
    return [
      { title: 'Open incidents', metrics: [syncMetric(service, 'IncidentsOpen', 'Maximum')] },
      {
        title: 'Messages delivered and refused',
        metrics: channels.flatMap((channel) => [
          syncMetric(service, 'AlertsDelivered', 'Sum', { channel }).with({ label: `${channel} delivered` }),
          syncMetric(service, 'AlertDeliveryFailures', 'Sum', { channel }).with({
            label: `${channel} refused`,
          }),
        ]),
      },
      {
        title: 'Callbacks and webhooks',
        metrics: [
          syncMetric(service, 'CallbacksAccepted', 'Sum'),
          syncMetric(service, 'CallbacksRefused', 'Sum'),
          syncMetric(service, 'WebhooksAccepted', 'Sum'),
          syncMetric(service, 'WebhooksRefused', 'Sum'),
        ],
      },
    ];
  }

  #machinery(monitoring: MonitoringFacade): void {
    const { functions, queues, tables, callbackApi } = this.#props;
    for (const { queue, deadLetters } of queues) {
      monitoring.monitorSqsQueueWithDlq({ queue, deadLetterQueue: deadLetters });
    }
    for (const each of functions) monitoring.monitorLambdaFunction({ lambdaFunction: each.function });
    for (const [humanReadableName, table] of Object.entries({
      Records: tables.records,
      State: tables.state,
    })) {
      monitoring.monitorDynamoTable({
        // CDK's own classes do not fit its interfaces under exactOptionalPropertyTypes; a reference by name does.
        table: Table.fromTableName(this, humanReadableName, table.tableName),
        humanReadableName,
        billingMode: BillingMode.PAY_PER_REQUEST,
      });
    }
    monitoring.monitorApiGatewayV2HttpApi({
      api: HttpApi.fromHttpApiAttributes(this, 'CallbackApi', { httpApiId: callbackApi.api.apiId }),
      humanReadableName: 'Callback endpoint',
    });
  }

  #byResource(name: MetricName): Metric[] {
    const { service, resources } = this.#props;
    return resources.map((resource) =>
      syncMetric(service, name, name === 'FreshnessSeconds' ? 'Maximum' : 'Sum', { resource }).with({
        label: resource,
      }),
    );
  }
}

/** Of the requests to one of Autodesk's APIs, how many in a hundred were answered with 429. */
export function throttledShare(service: string, api: string): MathExpression {
  // Ids must be unique in a graph and may not hold a hyphen.
  const suffix = api.replaceAll('-', '_');
  const [calls, throttled] = [`calls_${suffix}`, `throttled_${suffix}`];
  return new MathExpression({
    label: api,
    expression: `IF(${calls} > 0, 100 * FILL(${throttled}, 0) / ${calls}, 0)`,
    usingMetrics: {
      [calls]: syncMetric(service, 'ApiCalls', 'Sum', { api }),
      [throttled]: syncMetric(service, 'ApiThrottled', 'Sum', { api }),
    },
  });
}
