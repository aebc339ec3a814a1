import * as z from 'zod';
import { alertRulesText } from '../../shared/alerts/rules/settings.ts';
import { listSettings, listsOf } from '../../shared/composition/function-settings.ts';
import { commaSeparated } from '../../shared/configuration.ts';
import { timeZoneName } from '../../shared/time-text.ts';

/** The alert function's settings, from its environment variables. */
export const alertConfiguration = z
  .object({
    RECORDS_TABLE: z.string(),
    STATE_TABLE: z.string(),
    ALERT_DEAD_LETTERS_URL: z.url(),
    ALERTS_TOPIC_ARN: z.string(),
    /** Absent: nothing is told on Slack. */
    SLACK_SECRET_ARN: z.string().optional(),
    /** With it emails go out through SES, as HTML, to these addresses. */
    EMAIL_SENDER: z.email().optional(),
    EMAIL_RECIPIENTS: commaSeparated.pipe(z.array(z.email())).default([]),
    TOKEN_SECRET_ARN: z.string(),
    ALERT_RULES: alertRulesText,
    STAGE: z.string(),
    TIME_ZONE: timeZoneName.default('UTC'),
    ...listSettings,
  })
  .transform((settings) => ({
    tables: { records: settings.RECORDS_TABLE, state: settings.STATE_TABLE },
    queues: { alertDeadLetters: settings.ALERT_DEAD_LETTERS_URL },
    secrets: { slack: settings.SLACK_SECRET_ARN, token: settings.TOKEN_SECRET_ARN },
    alertsTopicArn: settings.ALERTS_TOPIC_ARN,
    email: settings.EMAIL_SENDER && { sender: settings.EMAIL_SENDER, recipients: settings.EMAIL_RECIPIENTS },
    rules: settings.ALERT_RULES,
    stage: settings.STAGE,
    timeZone: settings.TIME_ZONE,
    lists: listsOf(settings),
  }));
