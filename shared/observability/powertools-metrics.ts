import { MetricUnit, type Metrics as Powertools } from '@aws-lambda-powertools/metrics';
import type { Metrics } from './metrics.ts';

/** Metrics to CloudWatch by way of the log, each in a line of its own, so that nothing is lost with the process. */
export function createPowertoolsMetrics(powertools: Powertools): Metrics {
  return {
    add(name, value, dimensions = {}) {
      const metric = powertools.singleMetric();
      metric.addDimensions(dimensions);
      metric.addMetric(name, name.endsWith('Seconds') ? MetricUnit.Seconds : MetricUnit.Count, value);
    },
  };
}
