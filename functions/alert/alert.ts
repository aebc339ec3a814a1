import middy from '@middy/core';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { answerClick } from '../../shared/alerts/clicks/answer-click.ts';
import { type AlertPorts, evaluateAlerts } from '../../shared/alerts/evaluate-alerts.ts';
import { alertMessage } from '../../shared/queue/messages.ts';
import { type BatchPorts, serveBatch } from '../../shared/queue/serve-batch.ts';

/** The function behind the alert queue: finds out what is wrong and tells people, once. */
export function createAlert(
  ports: AlertPorts & BatchPorts,
): middy.MiddyfiedHandler<SQSEvent, SQSBatchResponse, Error, Context> {
  return middy<SQSEvent, SQSBatchResponse, Error, Context>(async (event: SQSEvent) =>
    serveBatch(
      event,
      alertMessage,
      async ({ hints, answer }) => {
        const { open, delivery } = await evaluateAlerts(hints, ports);
        ports.log.info('alerts evaluated', { hints: hints.length, open, ...delivery });
        if (answer !== undefined) await answerClick(answer, ports);
      },
      ports,
      'fifo',
    ),
  );
}
