import * as z from 'zod';
import { accountIdSettings } from '../../../shared/account-id.ts';
import { alertRules } from '../../../shared/alerts/rules/settings.ts';
import { REQUESTS_PER_MINUTE } from '../../../shared/autodesk/client/rate-budget.ts';
import { AUTODESK_ORIGIN, autodeskOrigin } from '../../../shared/autodesk/http/origin.ts';
import { ConfigurationError } from '../../../shared/errors.ts';
import { checkFields, type FieldPolicy, fieldTreatments } from '../../../shared/privacy/field-policy.ts';
import { HISTORY_DAYS, PURGE_DELETED_AFTER_DAYS } from '../../../shared/records/purge.ts';
import {
  findResource,
  missingParents,
  RESOURCE_NAMES,
  RESOURCES,
  scopesOf,
  USUAL_RESOURCE_NAMES,
} from '../../../shared/resources/registry.ts';
import { type Resource, USUAL_MINUTES } from '../../../shared/resources/resource.ts';
import { timeZoneName } from '../../../shared/time-text.ts';

/** The lengths of time CloudWatch Logs can keep logs for, in days. */
const LOG_RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827,
] as const;

const email = z.email();

/** SES takes so many for one message: https://docs.aws.amazon.com/ses/latest/dg/quotas.html */
const MOST_RECIPIENTS = 50;

const resourceSettings = z.strictObject({
  /** Where missing, what is usual: lists that cost calls for each record of another are off. */
  enabled: z.boolean().optional(),
  /** Minutes between two incremental runs; where missing, what the registry says. */
  incrementalMinutes: z.int().min(5).max(1440).optional(),
  /** When the daily full sweep starts, in `timeZone`. On Sundays it is the unfiltered one. */
  fullSweepAt: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day such as 02:30')
    .default('02:30'),
  /** What is dropped or hashed before a record is stored anywhere; what is missing is kept. */
  fields: fieldTreatments.optional(),
});
export type ResourceSettings = ReturnType<typeof settingsOf>;

function settingsOf(name: string, given: z.infer<typeof resourceSettings> = resourceSettings.parse({})) {
  const minutes = given.incrementalMinutes ?? findResource(name)?.everyMinutes ?? USUAL_MINUTES;
  const enabled = given.enabled ?? USUAL_RESOURCE_NAMES.includes(name);
  return { ...given, enabled, incrementalMinutes: minutes };
}

const stageFields = z.strictObject({
  /** Autodesk account (hub) ids whose Data Connector requests and jobs are mirrored. */
  accountIds: accountIdSettings.default([]),
  resources: z
    .partialRecord(z.enum(RESOURCE_NAMES), resourceSettings)
    .prefault({})
    .superRefine((given, context) => {
      for (const [name, { fields = {} } = {}] of Object.entries(given)) {
        checkFields(name, fields, context, [name, 'fields']);
      }
    })
    .transform((given) => new Map(RESOURCE_NAMES.map((name) => [name, settingsOf(name, given[name])]))),
  /** Of the daily schedules, and of the times that people read. */
  timeZone: timeZoneName.default('UTC'),
  autodesk: z
    .strictObject({
      /** Where Autodesk's APIs are. The token is sent there: https, or a stand-in on the same machine. */
      baseUrl: autodeskOrigin.prefault(AUTODESK_ORIGIN),
      /** `test` reads Autodesk's own sample data instead of the company's. */
      mode: z.enum(['company', 'test']).default('company'),
      authorization: z.enum(['user', 'service-account']).default('user'),
      buildingconnectedRequestsPerMinute: z
        .int()
        .min(10)
        .max(10_000)
        .default(REQUESTS_PER_MINUTE.buildingconnected),
      dataConnectorRequestsPerMinute: z
        .int()
        .min(5)
        .max(10_000)
        .default(REQUESTS_PER_MINUTE['data-connector']),
    })
    .prefault({}),
  worker: z
    .strictObject({
      /** How many workers read at once. Two of them are always left to incremental runs. */
      concurrency: z.int().min(3).max(100).default(16),
    })
    .prefault({}),
  alerts: z
    .strictObject({
      emails: z.array(email).default([]),
      /** An address that SES may send from: emails are HTML then, and nobody has to confirm a subscription. */
      sender: email.optional(),
      slack: z.boolean().default(true),
      rules: alertRules.prefault({}),
    })
    .refine(({ sender, emails }) => sender === undefined || emails.length <= MOST_RECIPIENTS, {
      path: ['emails'],
      message: `must be ${MOST_RECIPIENTS} at most with a sender`,
    })
    .prefault({}),
  lake: z
    .strictObject({
      /** Minutes between two publications of what has changed. */
      everyMinutes: z.int().min(5).max(1440).default(60),
    })
    .prefault({}),
  dataConnector: z
    .strictObject({
      /** Whether the files of each successful job are landed in the bucket of the stage. */
      extracts: z.boolean().default(false),
      /** Landed files expire after so many days. */
      keepDays: z.int().min(1).max(3650).default(90),
    })
    .prefault({}),
  operations: z
    .strictObject({
      /** Who hears of broken infrastructure. */
      emails: z.array(email).default([]),
    })
    .prefault({}),
  /** A record that is gone at Autodesk is removed for good after so many days. */
  purgeDeletedAfterDays: z.int().min(1).default(PURGE_DELETED_AFTER_DAYS),
  /** Replaced versions of records are kept for so many days; 0: none are. */
  historyDays: z.int().min(0).default(HISTORY_DAYS),
  logRetentionDays: z.literal(LOG_RETENTION_DAYS).default(90),
  /** What happens to tables, secrets and the key when their stack is deleted. */
  removalPolicy: z.enum(['retain', 'destroy']).default('retain'),
});
export type StageSettings = z.infer<typeof stageFields>;

const stageSettings = stageFields
  .refine((settings) => mirroredResources(settings).length > 0, {
    path: ['resources'],
    message: 'must leave at least one resource enabled',
    when: ({ issues }) => issues.length === 0,
  })
  .superRefine((settings, { issues, addIssue }) => {
    if (issues.length > 0) return;
    const enabled = mirroredResources(settings).map(({ resource }) => resource.name);
    for (const message of missingParents(enabled)) addIssue({ code: 'custom', path: ['resources'], message });
  });

const stageName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,19}$/, 'must be 1 to 20 characters of a-z, 0-9 and -, starting with a letter');

const stages = z
  .record(stageName, stageSettings)
  .refine((all) => Object.keys(all).length > 0, 'must hold at least one stage');

/**
 * The stages described in cdk.json (context `stages`), or the one asked for. Throws `ConfigurationError` with
 * every problem, each with its path.
 */
export function readStages(context: unknown, wanted?: unknown): Map<string, StageSettings> {
  const result = stages.safeParse(context);
  if (!result.success) {
    throw new ConfigurationError(result.error.issues.flatMap(explain));
  }
  const all = new Map(Object.entries(result.data));
  if (wanted === undefined) return all;
  const settings = all.get(String(wanted));
  if (settings === undefined) {
    throw new ConfigurationError([
      `stage: no stage "${wanted}" in cdk.json; choose from ${[...all.keys()].join(', ')}`,
    ]);
  }
  return new Map([[String(wanted), settings]]);
}

function explain(issue: z.core.$ZodIssue): string[] {
  const path = ['stages', ...issue.path].join('.');
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => `${path}.${key}: is not a setting`);
    case 'invalid_key':
      return issue.issues.map((inner) => `${path}: ${inner.message}`);
    default:
      return [`${path}: ${issue.message}`];
  }
}

/** The prefix of every name that two stages in one account must not share. */
export function namePrefix(stage: string): string {
  return `buildingconnected-sync-${stage}`;
}

/** The resources that are read: enabled, and with something to read where they are kept by account. */
export function mirroredResources(
  settings: StageSettings,
): { resource: Resource; schedule: ResourceSettings }[] {
  return RESOURCES.flatMap((resource) => {
    const schedule = settings.resources.get(resource.name);
    const hasScopes = scopesOf(resource, settings.accountIds).length > 0;
    return schedule?.enabled && hasScopes ? [{ resource, schedule }] : [];
  });
}

/** What is dropped and hashed, by the name of the list: also of those that are not mirrored any more, but may be kept. */
export function fieldPolicyOf({ resources }: StageSettings): FieldPolicy {
  return Object.fromEntries(
    [...resources].flatMap(([name, { fields = {} }]) =>
      Object.keys(fields).length > 0 ? [[name, fields]] : [],
    ),
  );
}
