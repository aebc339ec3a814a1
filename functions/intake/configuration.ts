import * as z from 'zod';
import { listSettings, listsOf, workerSettings } from '../../shared/composition/function-settings.ts';

/** The intake's settings, from its environment variables. */
export const intakeConfiguration = z
  .object({
    STATE_TABLE: z.string(),
    FETCH_QUEUE_URL: z.url(),
    URGENT_QUEUE_URL: z.url(),
    ALERT_QUEUE_URL: z.url(),
    CALLBACK_SECRET_ARN: z.string(),
    WEBHOOK_SECRET_ARN: z.string(),
    ...listSettings,
    ...workerSettings,
  })
  .transform((settings) => ({
    tables: { state: settings.STATE_TABLE },
    queues: {
      fetch: settings.FETCH_QUEUE_URL,
      urgent: settings.URGENT_QUEUE_URL,
      alert: settings.ALERT_QUEUE_URL,
    },
    secrets: { callback: settings.CALLBACK_SECRET_ARN, webhook: settings.WEBHOOK_SECRET_ARN },
    lists: listsOf(settings),
    workers: settings.WORKER_CONCURRENCY,
  }));
