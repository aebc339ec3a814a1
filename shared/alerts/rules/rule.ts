import * as z from 'zod';
import type { AlertRules } from './settings.ts';

/** Every rule, most important first: messages keep this order. */
export const RULES = [
  'connection',
  'channel-refused',
  'mass-deletion-stopped',
  'file-sync-failed',
  'relink-needed',
  'file-sync-stuck',
  'job-failed',
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

interface RuleWords {
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
    problem: 'Autodesk needs a new sign-in',
    over: 'The connection to Autodesk works again',
    counted: { one: 'connection lost', many: 'connections lost' },
    remedy: 'Run "npm run ops -- authorize" and sign in. Syncing goes on by itself afterwards.',
  },
  'channel-refused': {
    problem: 'Alerts cannot be delivered',
    over: 'Alerts are delivered again',
    counted: { one: 'alert channel refused', many: 'alert channels refused' },
    remedy:
      'Give the channel a valid address with "npm run ops -- configure", then try it with "npm run ops -- alerts-test".',
  },
  'mass-deletion-stopped': {
    problem: 'A sync stopped before deleting many records',
    over: 'The deletions are settled',
    counted: { one: 'mass deletion stopped', many: 'mass deletions stopped' },
    remedy: 'Check in BuildingConnected whether the records are really gone, then run a full sync again.',
  },
  'file-sync-failed': {
    problem: 'File transfer failed',
    over: 'File transfer no longer fails',
    counted: { one: 'file transfer failed', many: 'file transfers failed' },
    remedy:
      'Open the opportunity and transfer the files to the project again, or upload them there. If it keeps failing, ask BuildingConnected support.',
  },
  'relink-needed': {
    problem: 'Project must be linked again',
    over: 'Project no longer needs to be linked again',
    counted: { one: 'project to link again', many: 'projects to link again' },
    remedy: 'Open the opportunity and choose which project its group is linked to.',
  },
  'file-sync-stuck': {
    problem: 'File transfer does not get on',
    over: 'File transfer is no longer stuck',
    counted: { one: 'file transfer stuck', many: 'file transfers stuck' },
    remedy:
      'Open the opportunity and see whether its files arrive in the project; start the transfer again if not.',
  },
  'job-failed': {
    problem: 'Data Connector job failed',
    over: 'Data Connector request works again',
    counted: { one: 'Data Connector job failed', many: 'Data Connector jobs failed' },
    remedy: 'Open Data Connector in Autodesk and run the extract again.',
  },
  stale: {
    problem: 'Data is out of date',
    over: 'Data is up to date again',
    counted: { one: 'resource out of date', many: 'resources out of date' },
    remedy: 'Run "npm run ops -- status" to see why the sync does not end.',
  },
  quarantine: {
    problem: 'Records could not be stored',
    over: 'No records are kept aside any more',
    counted: { one: 'resource with records kept aside', many: 'resources with records kept aside' },
    remedy: 'Run "npm run ops -- quarantine" to see them and to try them again.',
  },
};
