import * as z from 'zod';

/** The settings of the function that takes clicks, from its environment variables. */
export const slackConfiguration = z
  .object({
    STATE_TABLE: z.string(),
    ALERT_QUEUE_URL: z.url(),
    SLACK_SIGNING_SECRET_ARN: z.string(),
  })
  .transform((settings) => ({
    tables: { state: settings.STATE_TABLE },
    queues: { alert: settings.ALERT_QUEUE_URL },
    signingSecretArn: settings.SLACK_SIGNING_SECRET_ARN,
  }));
