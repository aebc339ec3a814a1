import * as z from 'zod';
import { REQUESTS_PER_MINUTE } from '../../../shared/autodesk/client/rate-budget.ts';
import { autodeskOrigin } from '../../../shared/autodesk/http/origin.ts';
import { commaSeparated } from '../../../shared/configuration.ts';
import { fieldPolicyText } from '../../../shared/privacy/field-policy.ts';
import { HISTORY_DAYS } from '../../../shared/records/purge.ts';
import { timeZoneName } from '../../../shared/time-text.ts';

const perMinute = z.coerce.number().int().positive();

/** The outputs of a stage's stacks. */
export const stageOutputs = z.object({
  RecordsTable: z.string(),
  StateTable: z.string(),
  /** Absent where the stage was deployed by an earlier version. */
  ExtractsBucket: z.string().optional(),
  FetchQueueUrl: z.string(),
  UrgentQueueUrl: z.string(),
  FetchDeadLettersUrl: z.string(),
  AlertQueueUrl: z.string(),
  AlertDeadLettersUrl: z.string(),
  AlertsTopicArn: z.string(),
  OperationsTopicArn: z.string(),
  ConnectionSecretArn: z.string(),
  TokenSecretArn: z.string(),
  /** Absent where the stage was deployed by an earlier version. */
  ManagementTokenSecretArn: z.string().optional(),
  CallbackSecretArn: z.string(),
  WebhookSecretArn: z.string(),
  SlackSecretArn: z.string(),
  SlackSigningSecretArn: z.string(),
  FieldSecretArn: z.string(),
  /** Absent where nothing is dropped or hashed. */
  FieldPolicy: fieldPolicyText,
  WebhookUrl: z.url(),
  SlackActionsUrl: z.url(),
  /** By rule: the channel of its own that it is told in. */
  SlackChannels: z
    .string()
    .transform((text) => JSON.parse(text))
    .pipe(z.record(z.string(), z.string()))
    .prefault('{}'),
  CallbackUrlBase: z.string(),
  AutodeskBaseUrl: autodeskOrigin,
  AutodeskRequestsPerMinute: perMinute.default(REQUESTS_PER_MINUTE.buildingconnected),
  DataConnectorRequestsPerMinute: perMinute.default(REQUESTS_PER_MINUTE['data-connector']),
  /** Absent where the stage mirrors the company's own data. */
  AutodeskMode: z.enum(['test']).optional(),
  LakeDatabase: z.string(),
  LakeWorkgroup: z.string(),
  AccountIds: commaSeparated.default([]),
  EnabledResources: commaSeparated,
  TimeZone: timeZoneName.default('UTC'),
  /** Present where emails go out through SES. */
  EmailSender: z.email().optional(),
  EmailRecipients: commaSeparated.default([]),
  PurgeDeletedAfterDays: z.coerce.number().int().min(1),
  /** Absent from a stage that was deployed before there was history. */
  HistoryDays: z.coerce.number().int().min(0).default(HISTORY_DAYS),
});
export type StageOutputs = z.infer<typeof stageOutputs>;
