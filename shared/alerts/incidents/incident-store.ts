import * as z from 'zod';
import type { Channel } from '../rules/settings.ts';
import { CHANGES, type Incident } from './incident.ts';

/** What is about to be posted, so that a process that takes over can find out whether it was. */
const posting = z.object({
  /** Stands in the message's metadata. */
  key: z.string(),
  /** Where it is posted; with `ts`: in the thread under that message. */
  channel: z.string(),
  ts: z.string().exactOptional(),
  /** What it tells, in its order. */
  tells: z.array(z.object({ incidentId: z.string(), change: z.number(), kind: z.enum(CHANGES) })),
  at: z.string(),
});
export type Posting = z.infer<typeof posting>;

/** What is known of a channel: who sends on it now, and how it answers. Times are ISO 8601. */
export const channelState = z.object({
  /** Another evaluation may be sending until then. */
  sendingUntil: z.string().exactOptional(),
  /** Nothing is sent before that: the channel asked for it, or failed. */
  notBefore: z.string().exactOptional(),
  /** Sends in a row that failed. */
  failures: z.number(),
  /** The channel turned our messages down for a reason that does not pass by itself. */
  refused: z.object({ since: z.string(), reason: z.string() }).exactOptional(),
  /** Where messages can be changed: what was begun and may not have been recorded. */
  posting: posting.exactOptional(),
  /** When the channel was last sent something, so that the next call keeps its distance. */
  sentAt: z.string().exactOptional(),
  /** Whose buttons stand in our messages: ids of Slack, as far as they are known. */
  workspace: z
    .object({ teamId: z.string().exactOptional(), appId: z.string().exactOptional() })
    .exactOptional(),
  rev: z.number(),
});
export type ChannelState = z.infer<typeof channelState>;

export const UNKNOWN_CHANNEL: ChannelState = { failures: 0, rev: 0 };

/**
 * Incidents and channels. One incident stands under each key of rule and subject while it lives, and for a while
 * after it is resolved; then it moves to the past. Every write of it counts up `rev` and needs the `rev` it has
 * read, so that nobody decides on what another has changed meanwhile. All reads are consistent.
 */
export interface IncidentStore {
  /** All that stand, however many lie in the past. */
  live(): Promise<Incident[]>;
  /** Stores it under its key if `incident.rev` is the stored one (0: nothing is stored). Answers whether it was. */
  put(incident: Incident): Promise<boolean>;
  /** Copies a resolved incident to the past; doing it again changes nothing but what it was told. */
  archive(incident: Incident): Promise<void>;
  /** Removes it from those that stand, under the condition of `put`. */
  remove(incident: Incident): Promise<boolean>;
  /** Those in the past that were resolved at or after a moment, ISO 8601; the oldest first. */
  past(resolvedSince: string): Promise<Incident[]>;
  channels(): Promise<Partial<Record<Channel, ChannelState>>>;
  /** Stores a channel's state under the condition of `put`. */
  putChannel(channel: Channel, state: ChannelState): Promise<boolean>;
}
