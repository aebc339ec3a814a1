import { Duration } from 'aws-cdk-lib';
import { MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { ApiName, Resource } from '../../../../shared/resources/resource.ts';
import { mirroredResources, type ResourceSettings, type StageSettings } from '../../settings/stages.ts';
import type { Alarms } from '../alarms.ts';
import type { DescribedTable } from '../described-table.ts';
import { syncMetric } from '../sync-metric.ts';
import { throttledShare } from './sync-dashboard.ts';

export interface MirrorAlarmsProps {
  service: string;
  settings: StageSettings;
  apis: readonly ApiName[];
  channels: readonly string[];
  tables: Record<'records' | 'state', DescribedTable>;
}

/** A stage is late when it missed eight incremental runs, and never before it is two hours behind. */
const MISSED_RUNS = 8;
const LATE_SECONDS = 2 * 60 * 60;
/** What is read once a day is late when it missed one. */
const LATE_DAILY_SECONDS = 30 * 60 * 60;

/** Under this a person has to sign in again soon; a refresh token lives 14 days and is renewed every day. */
const TOKEN_DAYS_LEFT = 7;

const THROTTLED_PERCENT = 20;

/** The alarms that no single function or queue can raise. */
export function addMirrorAlarms(alarms: Alarms, props: MirrorAlarmsProps): void {
  const { service, settings } = props;
  for (const { resource, schedule } of mirroredResources(settings)) {
    alarms.add({
      runbook: 'freshness',
      subject: resource.name,
      breaks: `People who use ${resource.name} see old data and may act on it.`,
      metric: syncMetric(service, 'FreshnessSeconds', 'Maximum', { resource: resource.name }),
      period: Duration.minutes(15),
      when: { above: lateAfterSeconds(resource, schedule) },
      periods: 2,
      missing: 'broken',
    });
  }
  if (settings.autodesk.authorization === 'user') {
    alarms.add({
      runbook: 'sign-in-lapses',
      breaks: 'Nothing yet. When no days are left, every sync stops until someone signs in again.',
      metric: syncMetric(service, 'TokenDaysLeft', 'Minimum'),
      period: Duration.hours(1),
      when: { below: TOKEN_DAYS_LEFT },
      periods: 1,
      missing: 'unknown',
    });
  }
  for (const api of props.apis) {
    alarms.add({
      runbook: 'autodesk-throttling',
      subject: api,
      breaks: `Reads from the ${api} API slow down; data arrives late and first loads take longer.`,
      metric: throttledShare(service, api),
      period: Duration.minutes(5),
      when: { above: THROTTLED_PERCENT },
      periods: 3,
      missing: 'fine',
    });
  }
  for (const channel of props.channels) {
    alarms.add({
      runbook: 'alert-delivery',
      subject: channel,
      breaks: `People who rely on ${channel} do not hear about failed file transfers.`,
      metric: syncMetric(service, 'AlertDeliveryFailures', 'Sum', { channel }),
      period: Duration.minutes(15),
      when: { above: 3 },
      periods: 1,
      missing: 'fine',
    });
  }
  for (const [name, table] of Object.entries(props.tables)) {
    alarms.add({
      runbook: 'table-throttles',
      subject: name,
      breaks: 'Records are stored late; runs repeat work and take longer.',
      metric: throttledRequests(table),
      period: Duration.minutes(5),
      when: { above: 10 },
      periods: 3,
      missing: 'fine',
    });
  }
}

function lateAfterSeconds({ daily }: Resource, { incrementalMinutes }: ResourceSettings): number {
  return daily ? LATE_DAILY_SECONDS : Math.max(LATE_SECONDS, MISSED_RUNS * incrementalMinutes * 60);
}

/** Refused reads and writes of a table, those that its indexes caused included. */
function throttledRequests(table: DescribedTable): MathExpression {
  const metric = (metricName: string) =>
    new Metric({
      namespace: 'AWS/DynamoDB',
      metricName,
      statistic: 'Sum',
      dimensionsMap: { TableName: table.tableName },
    });
  return new MathExpression({
    label: 'throttled requests',
    expression: 'FILL(reads, 0) + FILL(writes, 0)',
    usingMetrics: { reads: metric('ReadThrottleEvents'), writes: metric('WriteThrottleEvents') },
  });
}
