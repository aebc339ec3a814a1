import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { MetricName } from '../../../shared/observability/metrics.ts';

export const METRIC_NAMESPACE = 'BuildingConnectedSync';

/**
 * A metric that the functions publish. `service` is the name prefix of the stage, so that two stages in one
 * account are counted apart.
 */
export function syncMetric(
  service: string,
  name: MetricName,
  statistic: 'Sum' | 'Maximum' | 'Minimum',
  dimensions: Record<string, string> = {},
): Metric {
  return new Metric({
    namespace: METRIC_NAMESPACE,
    metricName: name,
    statistic,
    dimensionsMap: { service, ...dimensions },
  });
}
