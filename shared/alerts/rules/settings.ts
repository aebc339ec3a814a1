import * as z from 'zod';

/** Where alerts are told, in the order in which they are told. */
export const CHANNELS = ['slack', 'email'] as const;
export type Channel = (typeof CHANNELS)[number];

/** An id such as C0123ABCD, or the name of a public channel. */
export const SLACK_CHANNEL = /^#?[\p{L}\p{N}._-]{1,80}$/u;

const HOURS_A_WEEK = 168;

/** What every rule can be told. Waits and reminders count from when a condition was first seen. */
function ruleSettings<Own extends z.ZodRawShape>(
  defaults: { remindAfterHours: number; waitMinutes?: number },
  own: Own,
) {
  return z.strictObject({
    enabled: z.boolean().default(true),
    channels: z.array(z.enum(CHANNELS)).default([...CHANNELS]),
    /** A condition that passes within so many minutes is never told. */
    waitMinutes: z
      .number()
      .min(0)
      .default(defaults.waitMinutes ?? 0),
    /** Said again after so many hours while nobody has acknowledged it; 0: never. */
    remindAfterHours: z.number().min(0).default(defaults.remindAfterHours),
    /** Where the Slack app tells it: the id of a channel, where it is not the channel of all. */
    slackChannel: z.string().regex(SLACK_CHANNEL, 'must be the id or the name of a channel').exactOptional(),
    ...own,
  });
}

/** The switches of the alert rules. Whatever is absent has its default; an unknown name is an error. */
export const alertRules = z.strictObject({
  connection: ruleSettings({ remindAfterHours: 24 }, {}).prefault({}),
  'channel-refused': ruleSettings({ remindAfterHours: 24 }, {}).prefault({}),
  'webhook-inactive': ruleSettings({ remindAfterHours: 24 }, {}).prefault({}),
  'mass-deletion-stopped': ruleSettings({ remindAfterHours: 24 }, {}).prefault({}),
  'file-sync-failed': ruleSettings({ remindAfterHours: HOURS_A_WEEK }, {}).prefault({}),
  'relink-needed': ruleSettings({ remindAfterHours: HOURS_A_WEEK }, {}).prefault({}),
  'file-sync-stuck': ruleSettings(
    { remindAfterHours: HOURS_A_WEEK },
    { afterMinutes: z.number().min(1).default(120) },
  ).prefault({}),
  'job-failed': ruleSettings({ remindAfterHours: 24 }, { withinDays: z.number().min(1).default(7) }).prefault(
    {},
  ),
  'extract-not-landed': ruleSettings(
    { remindAfterHours: 0 },
    { warnDaysBeforeLoss: z.number().min(0).default(5) },
  ).prefault({}),
  // The wait leaves a sync that starts after a pause the time to end before anybody is told.
  stale: ruleSettings(
    { remindAfterHours: 24, waitMinutes: 10 },
    { afterHours: z.number().positive().default(6) },
  ).prefault({}),
  quarantine: ruleSettings(
    { remindAfterHours: HOURS_A_WEEK },
    { minimumRecords: z.number().int().min(1).default(1) },
  ).prefault({}),
});
export type AlertRules = z.infer<typeof alertRules>;

/** The setting `ALERT_RULES`: `alertRules` as a JSON text. */
export const alertRulesText = z
  .string()
  .default('{}')
  .transform((text, context) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      context.addIssue({ code: 'custom', message: 'is not JSON' });
      return z.NEVER;
    }
  })
  .pipe(alertRules);
