import * as z from 'zod';
import { alertRulesText } from '../../shared/alerts/rules/settings.ts';
import { commaSeparated } from '../../shared/configuration.ts';
import { RESOURCE_NAMES } from '../../shared/resources/registry.ts';

/** The alert function's environment variables. */
export const alertConfiguration = z.object({
  RECORDS_TABLE: z.string(),
  STATE_TABLE: z.string(),
  ALERT_DEAD_LETTERS_URL: z.url(),
  ALERTS_TOPIC_ARN: z.string(),
  /** Absent: nothing is told on Slack. */
  SLACK_SECRET_ARN: z.string().optional(),
  TOKEN_SECRET_ARN: z.string(),
  ALERT_RULES: alertRulesText,
  ENABLED_RESOURCES: commaSeparated.pipe(z.array(z.enum(RESOURCE_NAMES)).min(1)),
  AUTODESK_ACCOUNT_IDS: commaSeparated.default([]),
  STAGE: z.string(),
});
