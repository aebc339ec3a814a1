import middy from '@middy/core';
import { UnreadableMessageError } from '../../shared/errors.ts';
import { scheduleEvent } from '../../shared/queue/messages.ts';
import { type HttpResponse, httpEvent } from '../http/http.ts';
import { answerProblems } from './answer-problems.ts';
import { type CallbackPorts, receiveCallback } from './receive-callback.ts';
import { receiveWebhook, WEBHOOK_ROUTE, type WebhookPorts } from './receive-webhook.ts';
import { type SchedulePorts, serveSchedule } from './serve-schedule.ts';

export type IntakePorts = CallbackPorts & WebhookPorts & SchedulePorts;

/**
 * The function behind the routes that Autodesk calls, `ANY /callbacks/data-connector/{token}` and
 * `ANY /webhooks/autodesk` of an HTTP API, and behind the schedules. HTTP events are always answered; scheduled events that fail throw.
 */
export function createIntake(ports: IntakePorts): middy.MiddyfiedHandler<unknown, HttpResponse | undefined> {
  return middy<unknown, HttpResponse | undefined>(async (event: unknown) => {
    const request = httpEvent.safeParse(event);
    if (request.success) {
      return request.data.routeKey === WEBHOOK_ROUTE
        ? receiveWebhook(request.data, ports)
        : receiveCallback(request.data, ports);
    }
    const schedule = scheduleEvent.safeParse(event);
    if (!schedule.success) throw new UnreadableMessageError('it is neither an HTTP request nor a schedule');
    await serveSchedule(schedule.data, ports);
    return undefined;
  }).use(answerProblems(ports.log, ports.metrics));
}
