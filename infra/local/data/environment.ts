import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import * as z from 'zod';
import { accountIdSettings } from '../../../shared/account-id.ts';
import { isLoopback } from '../../../shared/addresses.ts';
import { alertRulesText } from '../../../shared/alerts/rules/settings.ts';
import { chooseSlack, type SlackSettings, slackFields } from '../../../shared/alerts/slack/slack-settings.ts';
import { REQUESTS_PER_MINUTE } from '../../../shared/autodesk/client/rate-budget.ts';
import { AUTODESK_ORIGIN, autodeskOrigin } from '../../../shared/autodesk/http/origin.ts';
import { commaSeparated, loadConfiguration } from '../../../shared/configuration.ts';
import { fieldPolicyText } from '../../../shared/privacy/field-policy.ts';
import { HISTORY_DAYS, PURGE_DELETED_AFTER_DAYS } from '../../../shared/records/purge.ts';
import { missingParents, RESOURCE_NAMES, USUAL_RESOURCE_NAMES } from '../../../shared/resources/registry.ts';
import { unlessMissing } from '../../../shared/system-error.ts';
import { timeZoneName } from '../../../shared/time-text.ts';

const requestsPerMinute = z.coerce.number().int().min(1).max(100_000);

const resourceNames = commaSeparated
  .pipe(z.array(z.enum(RESOURCE_NAMES)).min(1))
  .superRefine((names, { addIssue }) => {
    for (const message of missingParents(names)) addIssue({ code: 'custom', message });
  });

const timeSettings = { TIME_ZONE: timeZoneName.default('UTC') };

const shared = z.object({
  AUTODESK_REQUESTS_PER_MINUTE: requestsPerMinute.default(REQUESTS_PER_MINUTE.buildingconnected),
  DATA_CONNECTOR_REQUESTS_PER_MINUTE: requestsPerMinute.default(REQUESTS_PER_MINUTE['data-connector']),
  WORKER_CONCURRENCY: z.coerce.number().int().min(1).max(64).default(16),
  /** The lists to mirror; where it is missing, all but those that cost calls for each record of another. */
  RESOURCES: resourceNames.optional(),
  /** As the functions are told on AWS; `RESOURCES` wins. */
  ENABLED_RESOURCES: resourceNames.default([...USUAL_RESOURCE_NAMES]),
  ALERT_RULES: alertRulesText,
  FIELD_POLICY: fieldPolicyText,
  PURGE_DELETED_AFTER_DAYS: z.coerce.number().int().min(1).default(PURGE_DELETED_AFTER_DAYS),
  HISTORY_DAYS: z.coerce.number().int().min(0).default(HISTORY_DAYS),
  /** Whether the files of Data Connector's jobs are landed. */
  DATA_CONNECTOR_EXTRACTS: z.stringbool().default(false),
  ALERT_EMAILS: commaSeparated.pipe(z.array(z.email())).default([]),
  ...timeSettings,
});

const sandboxSettings = shared
  .extend(slackFields)
  .transform(withChosenResources)
  .transform((settings) => {
    // The sandbox's failures are no news for a team: its alerts do not leave this machine.
    const isLocal = (url: string | undefined) => url !== undefined && isOnThisMachine(url);
    const {
      SLACK_WEBHOOK_URL: webhook,
      SLACK_BOT_TOKEN: botToken,
      SLACK_API_URL: apiUrl,
      ...rest
    } = settings;
    return {
      ...rest,
      ...(isLocal(webhook) && { SLACK_WEBHOOK_URL: webhook }),
      ...(isLocal(apiUrl) && { SLACK_BOT_TOKEN: botToken, SLACK_API_URL: apiUrl }),
    };
  })
  .superRefine(checkSlackApp);
export type SandboxSettings = z.infer<typeof sandboxSettings>;

const liveSettings = shared
  .extend({
    AUTODESK_BASE_URL: z.string().default(AUTODESK_ORIGIN).pipe(autodeskOrigin),
    AUTODESK_CLIENT_ID: z.string(),
    /** A public client has none. */
    AUTODESK_CLIENT_SECRET: z.string().optional(),
    /** The seed of the connection; not needed once the data folder has a token. */
    AUTODESK_REFRESH_TOKEN: z.string().optional(),
    AUTODESK_ACCOUNT_IDS: commaSeparated.pipe(accountIdSettings).default([]),
    /** `test`: Autodesk answers with its own sample data. */
    AUTODESK_BC_MODE: z.literal('test').optional(),
    ...slackFields,
  })
  .superRefine(checkSlackApp)
  .transform(withChosenResources);
export type LiveSettings = z.infer<typeof liveSettings>;

/** How Slack is told, by what is set. */
export function slackOf(settings: SandboxSettings | LiveSettings): SlackSettings | undefined {
  return chooseSlack({
    webhookUrl: settings.SLACK_WEBHOOK_URL,
    botToken: settings.SLACK_BOT_TOKEN,
    channel: settings.SLACK_CHANNEL,
    apiUrl: settings.SLACK_API_URL,
  });
}

function checkSlackApp(
  settings: { SLACK_BOT_TOKEN?: string | undefined; SLACK_CHANNEL?: string | undefined },
  { addIssue }: z.core.$RefinementCtx,
) {
  if (settings.SLACK_BOT_TOKEN !== undefined && settings.SLACK_CHANNEL === undefined) {
    addIssue({ code: 'custom', path: ['SLACK_CHANNEL'], message: 'missing' });
  }
}

function withChosenResources<Settings extends z.infer<typeof shared>>({ RESOURCES, ...settings }: Settings) {
  return { ...settings, ENABLED_RESOURCES: RESOURCES ?? settings.ENABLED_RESOURCES };
}

/** The settings of a start without `--live`; what only concerns Autodesk is not looked at. */
export async function readSandboxSettings(): Promise<SandboxSettings> {
  return loadConfiguration(sandboxSettings, await readEnvironment());
}

/** The settings of a start with `--live`. Throws `ConfigurationError` with all problems at once. */
export async function readLiveSettings(): Promise<LiveSettings> {
  return loadConfiguration(liveSettings, await readEnvironment());
}

/** In which people are told times, by those commands that need no other setting. */
export async function readTimeZone(): Promise<string> {
  return loadConfiguration(z.object(timeSettings), await readEnvironment()).TIME_ZONE;
}

/** `.env` in the working directory, if there is one; the environment's own variables win over it. */
async function readEnvironment(): Promise<Record<string, string | undefined>> {
  return { ...(await readEnvFile(resolve('.env'))), ...process.env };
}

async function readEnvFile(path: string): Promise<Record<string, string | undefined>> {
  const text = await readFile(path, 'utf8').catch(unlessMissing);
  return text === undefined ? {} : parseEnv(text);
}

function isOnThisMachine(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && ['http:', 'https:'].includes(url.protocol) && isLoopback(url);
}
