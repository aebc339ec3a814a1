import middy from '@middy/core';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { answerClick } from '../../shared/alerts/clicks/answer-click.ts';
import { type AlertPorts, evaluateAlerts } from '../../shared/alerts/evaluate-alerts.ts';
import { alertMessage } from '../../shared/queue/messages.ts';
import { type BatchPorts, serveTogether } from '../../shared/queue/serve-batch.ts';

/**
 * The function behind the alert queue: finds out what is wrong and tells people, once. However many messages it is
 * given, it looks once: they carry no state, and what it reads is younger than all of them.
 */
export function createAlert(
  ports: AlertPorts & BatchPorts,
): middy.MiddyfiedHandler<SQSEvent, SQSBatchResponse, Error, Context> {
  return middy<SQSEvent, SQSBatchResponse, Error, Context>(async (event: SQSEvent) =>
    serveTogether(
      event,
      alertMessage,
      async (messages) => {
        const hints = messages.flatMap((message) => message.hints);
        const { open, delivery } = await evaluateAlerts(hints, ports);
        ports.log.info('alerts evaluated', {
          messages: messages.length,
          hints: hints.length,
          open,
          ...delivery,
        });
        for (const { answer } of messages) if (answer !== undefined) await answerClick(answer, ports);
      },
      ports,
    ),
  );
}
