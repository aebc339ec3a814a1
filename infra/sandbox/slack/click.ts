import { signatureOf } from '../../../shared/alerts/clicks/slack-signature.ts';
import type { Clock } from '../../../shared/clock.ts';
import { SANDBOX_PERSON, SANDBOX_SLACK, type SlackMessage } from './workspace.ts';

export interface ClickedElement {
  actionId: string;
  blockId: string;
  value: string;
}

/** A click as Slack reports it, signed; `by` is who clicks. */
export function signedClick(
  { channel, ts, blocks, text }: Pick<SlackMessage, 'channel' | 'ts' | 'blocks' | 'text'>,
  { actionId, blockId, value }: ClickedElement,
  clock: Clock,
  by: { id: string; name: string } = SANDBOX_PERSON,
): { headers: Record<string, string>; body: string } {
  const isMenu = actionId === 'incident';
  const payload = {
    type: 'block_actions',
    user: { id: by.id, username: by.name, name: by.name, team_id: SANDBOX_SLACK.teamId },
    api_app_id: SANDBOX_SLACK.appId,
    team: { id: SANDBOX_SLACK.teamId, domain: 'sandbox' },
    container: { type: 'message', message_ts: ts, channel_id: channel, is_ephemeral: false },
    channel: { id: channel, name: SANDBOX_SLACK.channelName },
    message: { ts, text, blocks },
    actions: [
      {
        type: isMenu ? 'overflow' : 'button',
        action_id: actionId,
        block_id: blockId,
        ...(isMenu ? { selected_option: { value } } : { value }),
        action_ts: String(clock.now() / 1_000),
      },
    ],
  };
  const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  const timestamp = String(Math.floor(clock.now() / 1_000));
  return {
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': signatureOf(timestamp, Buffer.from(body), SANDBOX_SLACK.signingSecret),
    },
    body,
  };
}
