import * as z from 'zod';
import { autodeskOrigin } from '../../shared/autodesk/http/origin.ts';
import { commaSeparated } from '../../shared/configuration.ts';
import { PURGE_DELETED_AFTER_DAYS } from '../../shared/records/purge.ts';
import { RESOURCE_NAMES } from '../../shared/resources/registry.ts';

const text = z.string().min(1);
const url = z.url();
const perMinute = (standard: number) => z.coerce.number().int().min(1).max(10_000).default(standard);

/** The worker's settings, by their environment variables. */
export const workerConfiguration = z.object({
  RECORDS_TABLE: text,
  STATE_TABLE: text,
  FETCH_QUEUE_URL: url,
  FETCH_DEAD_LETTERS_URL: url,
  ALERT_QUEUE_URL: url,
  CONNECTION_SECRET_ARN: text,
  TOKEN_SECRET_ARN: text,
  ENABLED_RESOURCES: commaSeparated.pipe(z.array(z.enum(RESOURCE_NAMES)).min(1)),
  AUTHORIZATION: z.enum(['user', 'service-account']).default('user'),
  AUTODESK_BASE_URL: autodeskOrigin,
  AUTODESK_ACCOUNT_IDS: commaSeparated.default([]),
  AUTODESK_BC_MODE: z.enum(['test']).optional(),
  AUTODESK_REQUESTS_PER_MINUTE: perMinute(900),
  DATA_CONNECTOR_REQUESTS_PER_MINUTE: perMinute(54),
  PURGE_DELETED_AFTER_DAYS: z.coerce.number().int().min(1).default(PURGE_DELETED_AFTER_DAYS),
  WORKER_CONCURRENCY: z.coerce.number().int().min(2).max(1_000).default(16),
});
