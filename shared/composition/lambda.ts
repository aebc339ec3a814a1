import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { systemClock } from '../clock.ts';
import { createPowertoolsLog } from '../observability/powertools-log.ts';
import { createPowertoolsMetrics } from '../observability/powertools-metrics.ts';
import { systemRandomness } from '../randomness.ts';
import type { Basics } from './given.ts';

/** The basics of a function on AWS Lambda. */
export function lambdaBasics(): Basics {
  return {
    clock: systemClock,
    randomness: systemRandomness,
    log: createPowertoolsLog(new Logger()),
    metrics: createPowertoolsMetrics(new Metrics()),
  };
}
