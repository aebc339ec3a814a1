import * as z from 'zod';
import { commaSeparated } from '../../../shared/configuration.ts';

/** The outputs of a stage's stacks. */
export const stageOutputs = z.object({
  RecordsTable: z.string(),
  StateTable: z.string(),
  FetchQueueUrl: z.string(),
  FetchDeadLettersUrl: z.string(),
  AlertQueueUrl: z.string(),
  AlertDeadLettersUrl: z.string(),
  AlertsTopicArn: z.string(),
  OperationsTopicArn: z.string(),
  ConnectionSecretArn: z.string(),
  TokenSecretArn: z.string(),
  CallbackSecretArn: z.string(),
  SlackSecretArn: z.string(),
  CallbackUrlBase: z.string(),
  AutodeskBaseUrl: z.string(),
  AccountIds: commaSeparated.default([]),
  EnabledResources: commaSeparated,
  PurgeDeletedAfterDays: z.coerce.number().int().min(1),
});
export type StageOutputs = z.infer<typeof stageOutputs>;
