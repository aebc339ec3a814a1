import * as z from 'zod';
import { REQUESTS_PER_MINUTE } from '../../shared/autodesk/client/rate-budget.ts';
import { autodeskOrigin } from '../../shared/autodesk/http/origin.ts';
import { listSettings, listsOf, workerSettings } from '../../shared/composition/function-settings.ts';
import { KEEP_DAYS } from '../../shared/extracts/landing/landing.ts';
import { fieldPolicyText, isHashing } from '../../shared/privacy/field-policy.ts';
import { HISTORY_DAYS, PURGE_DELETED_AFTER_DAYS } from '../../shared/records/purge.ts';

const text = z.string().min(1);
const url = z.url();
const perMinute = (standard: number) => z.coerce.number().int().min(1).max(10_000).default(standard);

/** The worker's settings, from its environment variables. */
export const workerConfiguration = z
  .object({
    RECORDS_TABLE: text,
    STATE_TABLE: text,
    FETCH_QUEUE_URL: url,
    URGENT_QUEUE_URL: url,
    FETCH_DEAD_LETTERS_URL: url,
    ALERT_QUEUE_URL: url,
    CONNECTION_SECRET_ARN: text,
    TOKEN_SECRET_ARN: text,
    /** Absent where a service account connects, which signs in to nothing. */
    MANAGEMENT_TOKEN_SECRET_ARN: text.optional(),
    FIELD_POLICY: fieldPolicyText,
    /** Only where something is hashed. */
    FIELD_SECRET_ARN: text.optional(),
    /** Absent where the files of Data Connector's jobs are not landed. */
    EXTRACTS_BUCKET: text.optional(),
    EXTRACTS_KEEP_DAYS: z.coerce.number().int().min(1).default(KEEP_DAYS),
    AUTHORIZATION: z.enum(['user', 'service-account']).default('user'),
    AUTODESK_BASE_URL: autodeskOrigin,
    AUTODESK_BC_MODE: z.enum(['test']).optional(),
    AUTODESK_REQUESTS_PER_MINUTE: perMinute(REQUESTS_PER_MINUTE.buildingconnected),
    DATA_CONNECTOR_REQUESTS_PER_MINUTE: perMinute(REQUESTS_PER_MINUTE['data-connector']),
    PURGE_DELETED_AFTER_DAYS: z.coerce.number().int().min(1).default(PURGE_DELETED_AFTER_DAYS),
    HISTORY_DAYS: z.coerce.number().int().min(0).default(HISTORY_DAYS),
    ...listSettings,
    ...workerSettings,
  })
  .superRefine(({ FIELD_POLICY: policy, FIELD_SECRET_ARN: secret }, { addIssue }) => {
    if (isHashing(policy) && secret === undefined) {
      addIssue({ code: 'custom', path: ['FIELD_SECRET_ARN'], message: 'missing' });
    }
  })
  .transform((settings) => ({
    tables: { records: settings.RECORDS_TABLE, state: settings.STATE_TABLE },
    queues: {
      fetch: settings.FETCH_QUEUE_URL,
      urgent: settings.URGENT_QUEUE_URL,
      fetchDeadLetters: settings.FETCH_DEAD_LETTERS_URL,
      alert: settings.ALERT_QUEUE_URL,
    },
    secrets: {
      connection: settings.CONNECTION_SECRET_ARN,
      token: settings.TOKEN_SECRET_ARN,
      management: settings.MANAGEMENT_TOKEN_SECRET_ARN,
      field: settings.FIELD_SECRET_ARN,
    },
    fieldPolicy: settings.FIELD_POLICY,
    extracts: { bucket: settings.EXTRACTS_BUCKET, keepDays: settings.EXTRACTS_KEEP_DAYS },
    autodesk: {
      authorization: settings.AUTHORIZATION,
      origin: settings.AUTODESK_BASE_URL,
      mode: settings.AUTODESK_BC_MODE,
      requestsPerMinute: {
        buildingconnected: settings.AUTODESK_REQUESTS_PER_MINUTE,
        'data-connector': settings.DATA_CONNECTOR_REQUESTS_PER_MINUTE,
      },
    },
    lists: listsOf(settings),
    workers: settings.WORKER_CONCURRENCY,
    purgeDeletedAfterDays: settings.PURGE_DELETED_AFTER_DAYS,
    historyDays: settings.HISTORY_DAYS,
  }));
