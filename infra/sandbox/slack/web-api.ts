import * as z from 'zod';
import type { Json } from '../../../shared/json.ts';
import { json, type SandboxRequest, type SandboxResponse } from '../http/response.ts';
import { isTaken } from './block-limits.ts';
import { SANDBOX_SLACK, type SlackMessage, type SlackWorkspace } from './workspace.ts';

export const SLACK_API = '/api/';

const SCOPES = 'chat:write,channels:history,channels:read';

const fields = z.object({
  channel: z.string().default(''),
  ts: z.string().default(''),
  thread_ts: z.string().optional(),
  user: z.string().optional(),
  text: z.string().default(''),
  oldest: z.coerce.number().default(0),
  blocks: z
    .string()
    .default('[]')
    .transform((text) => JSON.parse(text))
    .pipe(z.array(z.looseObject({ type: z.string() }))),
  metadata: z
    .string()
    .default('{}')
    .transform((text) => JSON.parse(text))
    .pipe(z.object({ event_payload: z.object({ key: z.string() }).optional() })),
});
type Fields = z.infer<typeof fields>;

/** A stand-in for Slack's Web API: the methods that alerts and `doctor` use, each with the errors that matter. */
export function createSlackWebApi(workspace: SlackWorkspace) {
  return (request: SandboxRequest): SandboxResponse => {
    if (request.authorization !== `Bearer ${SANDBOX_SLACK.botToken}`) return failure('invalid_auth');
    const parsed = fields.safeParse(Object.fromEntries(new URLSearchParams(request.body)));
    if (!parsed.success) return failure('invalid_arguments');
    const method = METHODS[request.path.slice(SLACK_API.length)];
    return method === undefined ? failure('unknown_method') : method(parsed.data, workspace);
  };
}

const METHODS: Record<string, (given: Fields, workspace: SlackWorkspace) => SandboxResponse> = {
  'auth.test': () =>
    success(
      { team_id: SANDBOX_SLACK.teamId, team: 'Sandbox', user_id: SANDBOX_SLACK.botUserId },
      { 'x-oauth-scopes': SCOPES },
    ),
  'conversations.info': (given, workspace) =>
    withChannel(given, workspace, (id) =>
      success({ channel: { id, name: SANDBOX_SLACK.channelName, is_member: true } }),
    ),
  'chat.postMessage': (given, workspace) =>
    withContent(given, workspace, (channel) => {
      const { text, blocks, thread_ts, metadata } = given;
      const posted = workspace.post(
        channel,
        { text, blocks },
        {
          ...(thread_ts !== undefined && { thread_ts }),
          ...(metadata.event_payload !== undefined && { key: metadata.event_payload.key }),
        },
      );
      return success({
        channel,
        ts: posted.ts,
        message: { ts: posted.ts, text, team: SANDBOX_SLACK.teamId, app_id: SANDBOX_SLACK.appId },
      });
    }),
  'chat.postEphemeral': (given, workspace) =>
    withContent(given, workspace, (channel) => {
      const { text, blocks, user = '' } = given;
      return success({ message_ts: workspace.post(channel, { text, blocks }, { onlyFor: user }).ts });
    }),
  'chat.update': (given, workspace) =>
    withContent(given, workspace, (channel) => {
      const { ts, text, blocks } = given;
      const updated = workspace.update(channel, ts, { text, blocks });
      return updated === undefined ? failure('message_not_found') : success({ channel, ts, text });
    }),
  'conversations.history': (given, workspace) =>
    withChannel(given, workspace, (channel) =>
      listed(workspace, (known) => known.channel === channel && known.thread_ts === undefined, given.oldest),
    ),
  'conversations.replies': (given, workspace) =>
    withChannel(given, workspace, (channel) =>
      listed(
        workspace,
        (known) => known.channel === channel && [known.ts, known.thread_ts].includes(given.ts),
        given.oldest,
      ),
    ),
};

function withChannel(
  { channel }: Fields,
  workspace: SlackWorkspace,
  answer: (channel: string) => SandboxResponse,
): SandboxResponse {
  const name = channel.replace(/^#/, '');
  const id = name === SANDBOX_SLACK.channelName ? SANDBOX_SLACK.channel : name;
  return workspace.channels.has(id) ? answer(id) : failure('channel_not_found');
}

function withContent(
  given: Fields,
  workspace: SlackWorkspace,
  answer: (channel: string) => SandboxResponse,
): SandboxResponse {
  if (given.text === '' && given.blocks.length === 0) return failure('no_text');
  if (!isTaken(given.blocks)) return failure('invalid_blocks');
  return withChannel(given, workspace, answer);
}

function listed(
  workspace: SlackWorkspace,
  isIn: (message: SlackMessage) => boolean,
  oldest: number,
): SandboxResponse {
  const found = workspace.messages.filter(
    (known) => isIn(known) && known.onlyFor === undefined && Number(known.ts) >= oldest,
  );
  return success({
    messages: found.toReversed().map(({ ts, text, key }) => ({
      ts,
      text,
      ...(key !== undefined && { metadata: { event_type: 'alert', event_payload: { key } } }),
    })),
  });
}

function success(answer: Record<string, Json>, headers: Record<string, string> = {}): SandboxResponse {
  return json(200, { ok: true, ...answer }, headers);
}

function failure(error: string): SandboxResponse {
  return json(200, { ok: false, error });
}
