import * as z from 'zod';
import { commaSeparated } from '../../shared/configuration.ts';
import { RESOURCE_NAMES } from '../../shared/resources/registry.ts';

/** The intake's environment variables. */
export const intakeConfiguration = z.object({
  STATE_TABLE: z.string(),
  FETCH_QUEUE_URL: z.url(),
  ALERT_QUEUE_URL: z.url(),
  CALLBACK_SECRET_ARN: z.string(),
  AUTODESK_ACCOUNT_IDS: commaSeparated.default([]),
  ENABLED_RESOURCES: commaSeparated.pipe(z.array(z.enum(RESOURCE_NAMES)).min(1)),
});
