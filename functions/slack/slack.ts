import middy from '@middy/core';
import { reportFailure, UnreadableMessageError } from '../../shared/errors.ts';
import { type HttpResponse, httpEvent, problem } from '../http/http.ts';
import { type ReceivePorts, receiveClick } from './receive-click.ts';

/**
 * The function behind `ANY /slack/actions`, where Slack reports clicks. It holds no bot token and calls nobody but
 * AWS: Slack waits three seconds for the answer, a cold start included.
 */
export function createSlack(ports: ReceivePorts): middy.MiddyfiedHandler<unknown, HttpResponse> {
  return middy<unknown, HttpResponse>(async (event: unknown) => {
    const request = httpEvent.safeParse(event);
    if (!request.success) throw new UnreadableMessageError('it is no HTTP request');
    return receiveClick(request.data, ports);
  }).use({
    onError(request) {
      if (!httpEvent.safeParse(request.event).success) return;
      ports.log.error('click not accepted', { error: reportFailure(request.error) });
      request.response = problem(503, { title: 'Temporarily unavailable' }, { 'retry-after': '30' });
    },
  });
}
