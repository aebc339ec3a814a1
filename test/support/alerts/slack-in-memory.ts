import { signedClick } from '../../../infra/sandbox/slack/click.ts';
import { createSlackWebApi } from '../../../infra/sandbox/slack/web-api.ts';
import { SANDBOX_SLACK, type SlackMessage, SlackWorkspace } from '../../../infra/sandbox/slack/workspace.ts';
import type { IncidentAction } from '../../../shared/alerts/incidents/incident-action.ts';
import { type AlertRules, alertRules } from '../../../shared/alerts/rules/settings.ts';
import { SlackNotifier } from '../../../shared/alerts/slack/slack-notifier.ts';
import type { Clock } from '../../../shared/clock.ts';

/** A call of Slack's Web API. */
interface Call {
  method: string;
  atMs: number;
  form: URLSearchParams;
}

/** The real app over a workspace in memory, without a network between them. */
export class SlackInMemory {
  readonly workspace: SlackWorkspace;
  readonly notifier: SlackNotifier;
  readonly calls: Call[] = [];
  /** What is answered instead of the truth: a response or, as an error of Slack's, a code. */
  failWith: ((method: string) => Response | string | undefined) | undefined;
  readonly #clock: Clock;

  constructor(clock: Clock, rules: AlertRules = alertRules.parse({})) {
    this.#clock = clock;
    this.workspace = new SlackWorkspace(clock);
    const webApi = createSlackWebApi(this.workspace);
    const { botToken, channel } = SANDBOX_SLACK;
    this.notifier = new SlackNotifier({
      settings: async () => ({ kind: 'app', botToken, channel }),
      rules,
      clock,
      fetch: async (url, init) => {
        const { pathname } = new URL(String(url));
        const method = pathname.slice('/api/'.length);
        const headers = new Headers(init?.headers);
        const body = String(init?.body);
        this.calls.push({ method, atMs: clock.now(), form: new URLSearchParams(body) });
        const failure = this.failWith?.(method);
        if (typeof failure === 'string') return Response.json({ ok: false, error: failure });
        if (failure !== undefined) return failure;
        const answer = webApi({
          method: 'POST',
          path: pathname,
          query: new URLSearchParams(),
          authorization: headers.get('authorization') ?? undefined,
          contentType: '',
          body,
        });
        return new Response(answer.body, { status: answer.status, headers: answer.headers });
      },
    });
  }

  /** Messages in the channel, each with what stands in it. */
  get shown(): { text: string; replies: string[] }[] {
    return this.roots.map((message) => ({
      text: textOf(message),
      replies: this.workspace.messages
        .filter(({ thread_ts: thread }) => thread === message.ts)
        .map((reply) => textOf(reply)),
    }));
  }

  get roots(): SlackMessage[] {
    return this.workspace.messages.filter(
      ({ thread_ts: thread, onlyFor }) => thread === undefined && onlyFor === undefined,
    );
  }

  /** What was shown to one person only. */
  get whispered(): string[] {
    return this.workspace.messages.filter(({ onlyFor }) => onlyFor !== undefined).map(({ text }) => text);
  }

  methods(): string[] {
    return this.calls.map(({ method }) => method);
  }

  /** A click on what a message offers for an incident, as Slack reports it; undefined where it is not offered. */
  click(
    message: SlackMessage,
    action: IncidentAction,
    incidentId: string,
    by?: { id: string; name: string },
  ) {
    const value = `${action} ${incidentId}`;
    if (!JSON.stringify(message.blocks).includes(`"${value}"`)) return undefined;
    return signedClick(message, { actionId: action, blockId: incidentId, value }, this.#clock, by);
  }
}

/** The texts of a message, one below the other, buttons in brackets. */
function textOf({ blocks, text }: SlackMessage): string {
  const lines = blocks.flatMap(({ type, text: content, elements, accessory }) => {
    if (type === 'header') return [];
    if (type === 'actions') return [labelsOf(elements)];
    if (type !== 'section') return [];
    return [stringOf(content), ...(accessory === undefined ? [] : [labelsOf([accessory])])];
  });
  return lines.length === 0 ? text : lines.join('\n');
}

function labelsOf(elements: unknown): string {
  return [...JSON.stringify(elements).matchAll(/"text":\{"type":"plain_text","text":"([^"]+)"/g)]
    .map(([, label]) => `[${label}]`)
    .join(' ');
}

function stringOf(content: unknown): string {
  return typeof content === 'object' && content !== null && 'text' in content ? String(content.text) : '';
}
