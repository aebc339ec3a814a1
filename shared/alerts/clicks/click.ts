import * as z from 'zod';
import type { Person } from '../incidents/incident.ts';
import type { IncidentAction } from '../incidents/incident-action.ts';
import { readActionValue } from '../messages/slack-actions.ts';
import { oneLine } from '../rules/plain-text.ts';

const id = z.string().min(1).max(50);

/** What is read of a `block_actions` payload: https://docs.slack.dev/reference/interaction-payloads/block_actions-payload */
const blockActions = z.object({
  type: z.literal('block_actions'),
  user: z.object({ id, name: z.string().optional(), username: z.string().optional() }),
  team: z.object({ id }).nullish(),
  api_app_id: z.string().optional(),
  channel: z.object({ id }).optional(),
  container: z.object({ channel_id: id.optional(), message_ts: z.string().max(50).optional() }).optional(),
  actions: z
    .array(
      z.object({
        value: z.string().optional(),
        selected_option: z.object({ value: z.string() }).nullish(),
      }),
    )
    .min(1),
});

/** Slack has more kinds of interaction than the buttons that our messages have. */
const otherInteraction = z.object({ type: z.string() });

/** What somebody wants by a click in a message of ours. Ids are Slack's. */
export interface Click {
  action: IncidentAction;
  incidentId: string;
  by: Person & { slackUserId: string };
  /** Absent where the payload does not say so. */
  teamId?: string;
  appId?: string;
  channel?: string;
}

/**
 * Reads the body of an interaction, a form whose field `payload` is JSON. `other`: an interaction that is none of
 * ours; undefined: it is no interaction at all.
 */
export function readClick(body: Buffer): Click | 'other' | undefined {
  const json = payloadOf(body);
  const parsed = blockActions.safeParse(json);
  if (!parsed.success) {
    const { data } = otherInteraction.safeParse(json);
    return data === undefined || data.type === 'block_actions' ? undefined : 'other';
  }
  const { user, team, api_app_id: appId, channel, container, actions } = parsed.data;
  const [first] = actions;
  const wanted = readActionValue(first?.selected_option?.value ?? first?.value ?? '');
  if (wanted === undefined) return 'other';
  const channelId = channel?.id ?? container?.channel_id;
  return {
    ...wanted,
    by: { name: nameOf(user.name ?? user.username ?? user.id), slackUserId: user.id },
    ...(team?.id !== undefined && { teamId: team.id }),
    ...(appId !== undefined && { appId }),
    ...(channelId !== undefined && { channel: channelId }),
  };
}

function payloadOf(body: Buffer): unknown {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body);
    return JSON.parse(new URLSearchParams(text).get('payload') ?? '');
  } catch {
    return undefined;
  }
}

/** A name from outside, fit for a history. */
function nameOf(text: string): string {
  return oneLine(text).slice(0, 80) || 'somebody';
}
