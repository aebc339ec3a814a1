import * as z from 'zod';
import type { AlertRules } from './settings.ts';

/** Every rule, most important first: messages keep this order. */
export const RULES = [
  'connection',
  'channel-refused',
  'webhook-inactive',
  'mass-deletion-stopped',
  'file-sync-failed',
  'relink-needed',
  'file-sync-stuck',
  'job-failed',
  'extract-not-landed',
  'stale',
  'quarantine',
] as const satisfies readonly (keyof AlertRules)[];
export type RuleName = (typeof RULES)[number];

/** What a rule has found to be wrong with one subject; what is told about it is all in here. */
export const finding = z.object({
  rule: z.enum(RULES),
  /** What the condition is about: with the rule, the identity of the incident. */
  subject: z.string(),
  /** The id to show instead of the subject, where one tells more. */
  shownAs: z.string().exactOptional(),
  /** The cause as it was reported, cleaned and cut. A change of it is told. */
  error: z.string().exactOptional(),
  /** Since when it has been so, ISO 8601; absent: since the incident started. */
  since: z.string().exactOptional(),
  opportunityId: z.string().exactOptional(),
  projectId: z.string().exactOptional(),
  projectName: z.string().exactOptional(),
  opportunityName: z.string().exactOptional(),
  /** What to do, where it differs from what the rule says. */
  remedy: z.string().exactOptional(),
  /** More of what it is about, each with its label. */
  facts: z.record(z.string(), z.string()),
  /** How it is, each with its label; no longer true once it is over. A change of it is stored but not told. */
  readings: z.record(z.string(), z.string()).exactOptional(),
});
export type Finding = z.infer<typeof finding>;

/** Who acts on an alert. Estimators work in BuildingConnected, so theirs have no command and no incident id. */
export type Reader = 'estimators' | 'engineers';

interface RuleWords {
  readBy: Reader;
  /** What is wrong, as a title. */
  problem: string;
  /** What is true once it is over. */
  over: string;
  /** How several of them are counted: "3 file transfers failed". */
  counted: { one: string; many: string };
  /** What a person can do about it. */
  remedy: string;
}

export const RULE_WORDS: Record<RuleName, RuleWords> = {
  connection: {
    readBy: 'engineers',
    problem: 'Autodesk sign-in needed',
    over: 'Connected to Autodesk again',
    counted: { one: 'Autodesk sign-in needed', many: 'Autodesk sign-ins needed' },
    remedy: 'Run "npm run ops -- authorize" and sign in. Syncs resume on their own.',
  },
  'channel-refused': {
    readBy: 'engineers',
    problem: 'Alert delivery failed',
    over: 'Alert delivery restored',
    counted: { one: 'alert channel failing', many: 'alert channels failing' },
    remedy:
      'Run "npm run ops -- doctor" to see what is wrong. Correct it with "npm run ops -- configure", then test it with "npm run ops -- alerts-test".',
  },
  'webhook-inactive': {
    readBy: 'engineers',
    problem: 'Autodesk webhook switched off',
    over: 'Autodesk webhooks on again',
    counted: { one: 'Autodesk webhook switched off', many: 'Autodesk webhooks switched off' },
    remedy:
      'Run "npm run ops -- webhooks create": it switches the webhook on again. New bids and opportunities come with the scheduled syncs until then.',
  },
  'mass-deletion-stopped': {
    readBy: 'engineers',
    problem: 'Sync stopped before a mass deletion',
    over: 'Deletion check cleared',
    counted: { one: 'mass deletion stopped', many: 'mass deletions stopped' },
    remedy:
      'Check in BuildingConnected whether the records are really gone. If so, run "npm run ops -- sync --full --accept-deletions".',
  },
  'file-sync-failed': {
    readBy: 'estimators',
    problem: 'File transfer failed',
    over: 'File transfer fixed',
    counted: { one: 'file transfer failed', many: 'file transfers failed' },
    remedy:
      'Open the opportunity, go to Files and choose "Publish to project" again, or upload the files to the project. If it keeps failing, contact BuildingConnected support.',
  },
  'relink-needed': {
    readBy: 'estimators',
    problem: 'Relink needed',
    over: 'Relink no longer needed',
    counted: { one: 'project to relink', many: 'projects to relink' },
    remedy: 'Open the opportunity and choose the project its group links to.',
  },
  'file-sync-stuck': {
    readBy: 'estimators',
    problem: 'File transfer stuck',
    over: 'File transfer no longer stuck',
    counted: { one: 'file transfer stuck', many: 'file transfers stuck' },
    remedy:
      'Open the opportunity and check whether its files reach the project. If not, go to Files and choose "Publish to project" again.',
  },
  'job-failed': {
    readBy: 'estimators',
    problem: 'Data Connector job failed',
    over: 'Data Connector request working again',
    counted: { one: 'Data Connector job failed', many: 'Data Connector jobs failed' },
    remedy: 'Open Data Connector in Autodesk and run the extract again.',
  },
  'extract-not-landed': {
    readBy: 'engineers',
    problem: 'Extract not landed',
    over: 'Extract landed',
    counted: { one: 'extract not landed', many: 'extracts not landed' },
    remedy:
      'Run "npm run ops -- extracts" to see why. It is tried once a day until Autodesk deletes the files; running the extract again in Data Connector makes new ones.',
  },
  stale: {
    readBy: 'engineers',
    problem: 'Data out of date',
    over: 'Data up to date again',
    counted: { one: 'list out of date', many: 'lists out of date' },
    remedy: 'Run "npm run ops -- status" to see why the sync has not finished.',
  },
  quarantine: {
    readBy: 'engineers',
    problem: 'Records could not be stored',
    over: 'All records stored',
    counted: { one: 'list with quarantined records', many: 'lists with quarantined records' },
    remedy: 'Run "npm run ops -- quarantine" to see and retry them.',
  },
};
