import { readFileSync } from 'node:fs';
import writeFileAtomic from 'write-file-atomic';
import { type Clock, systemClock } from '../../../shared/clock.ts';
import { hasCode } from '../../../shared/system-error.ts';
import { Faults } from '../faults.ts';
import { Journal } from '../http/journal.ts';
import { html, redirectTo, type SandboxRequest, type SandboxResponse } from '../http/response.ts';
import { closeServer, createHttpServer, listen, unknownAddress } from '../http-server.ts';
import { seededRandomness } from '../seed/seeded-randomness.ts';
import { signedClick } from './click.ts';
import { CLICK_PATH, noticeOf, REFRESH_SCRIPT, SCRIPT_PATH, SLACK_PAGE, slackPage } from './page.ts';
import { createSlackWebApi, SLACK_API } from './web-api.ts';
import { type SlackState, SlackWorkspace, slackStateSchema } from './workspace.ts';

/** How long Slack waits for the answer to a click. */
const CLICK_TIMEOUT_MS = 3_000;

/** Its own script, which reads its own page; nothing from anywhere else. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'self'; connect-src 'self'";

export interface SlackSandbox {
  /** Where the Web API is, and the page. */
  origin: string;
  apiUrl: string;
  pageUrl: string;
  workspace: SlackWorkspace;
  faults: Faults;
  /** The calls of the Web API. */
  journal: Journal;
  close(): Promise<void>;
}

/** Starts a stand-in for Slack on this machine. With `stateFile` its messages survive the process. */
export async function startSlackSandbox(
  options: { stateFile?: string; clock?: Clock; fetch?: typeof fetch } = {},
): Promise<SlackSandbox> {
  const { stateFile, clock = systemClock } = options;
  const workspace = new SlackWorkspace(clock, stateFile === undefined ? undefined : load(stateFile));
  const webApi = createSlackWebApi(workspace);
  const faults = new Faults(seededRandomness('slack'));
  const journal = new Journal(clock);

  async function answer(request: SandboxRequest): Promise<SandboxResponse> {
    const { method, path } = request;
    if (method === 'POST' && path.startsWith(SLACK_API)) return webApi(request);
    if (method === 'GET' && path === SLACK_PAGE) {
      const page = html(200, slackPage(workspace.messages, noticeOf(request.query.get('notice'))));
      return { ...page, headers: { ...page.headers, 'content-security-policy': POLICY } };
    }
    if (method === 'GET' && path === SCRIPT_PATH) {
      return { status: 200, headers: { 'content-type': 'text/javascript' }, body: REFRESH_SCRIPT };
    }
    if (method === 'POST' && path === CLICK_PATH) {
      const form = new URLSearchParams(request.body);
      const notice = await click(form, workspace, clock, options.fetch ?? fetch);
      return redirectTo(`${SLACK_PAGE}${notice === undefined ? '' : `?notice=${notice}`}#latest`);
    }
    return unknownAddress();
  }

  const server = createHttpServer({
    clock,
    latencyMs: 0,
    faults,
    journal,
    answer,
    beforeResponse: () => {
      if (stateFile !== undefined && workspace.isChanged()) {
        writeFileAtomic.sync(stateFile, JSON.stringify(workspace.state()), { mode: 0o600 });
      }
    },
  });
  const origin = await listen(server, 0);
  return {
    origin,
    apiUrl: `${origin}${SLACK_API}`,
    pageUrl: `${origin}${SLACK_PAGE}`,
    workspace,
    faults,
    journal,
    close: () => closeServer(server),
  };
}

function load(path: string): SlackState | undefined {
  try {
    return slackStateSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Reports a click on the page as Slack does. Answers what went wrong, if anything did. */
async function click(
  form: URLSearchParams,
  workspace: SlackWorkspace,
  clock: Clock,
  send: typeof fetch,
): Promise<string | undefined> {
  const field = (name: string) => form.get(name) ?? '';
  const message = workspace.find(field('channel'), field('ts'));
  if (message === undefined || workspace.requestUrl === undefined) return 'nobody';
  const element = { actionId: field('actionId'), blockId: field('blockId'), value: field('value') };
  try {
    const response = await send(workspace.requestUrl, {
      method: 'POST',
      ...signedClick(message, element, clock),
      signal: AbortSignal.timeout(CLICK_TIMEOUT_MS),
    });
    return response.ok ? undefined : String(response.status);
  } catch {
    return 'nobody';
  }
}
