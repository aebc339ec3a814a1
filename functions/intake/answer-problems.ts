import type middy from '@middy/core';
import { dispositionOf, reportFailure } from '../../shared/errors.ts';
import type { Log } from '../../shared/observability/log.ts';
import type { Metrics } from '../../shared/observability/metrics.ts';
import { type HttpResponse, httpEvent, problem } from '../http/http.ts';
import { CallbackRefusedError } from './callback-refused-error.ts';

/**
 * The one place where failures become HTTP answers, as problem details (RFC 9457). A failure of a scheduled event
 * stays one, so that the scheduler tries again.
 */
export function answerProblems(
  log: Log,
  metrics: Metrics,
): middy.MiddlewareObj<unknown, HttpResponse | undefined> {
  return {
    onError(request) {
      if (!httpEvent.safeParse(request.event).success) return;
      request.response = answerTo(request.error, log, metrics);
    },
  };
}

function answerTo(error: unknown, log: Log, metrics: Metrics): HttpResponse {
  if (error instanceof CallbackRefusedError) {
    metrics.add('CallbacksRefused', 1);
    log.info('callback refused', { status: error.status, fields: error.fields.map(({ field }) => field) });
    return problem(
      error.status,
      {
        title: error.title,
        detail: error.message,
        ...(error.fields.length > 0 && { errors: [...error.fields] }),
      },
      error.status === 405 ? { allow: 'POST' } : {},
    );
  }
  log.error('request not accepted', { error: reportFailure(error) });
  return dispositionOf(error) === 'fail'
    ? problem(500, { title: 'Internal error' })
    : problem(503, { title: 'Temporarily unavailable' }, { 'retry-after': '30' });
}
