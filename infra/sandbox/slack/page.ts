import * as z from 'zod';
import { escapeHtml } from '../../../shared/escape-html.ts';
import { mrkdwnToHtml } from './mrkdwn.ts';
import { type Block, SANDBOX_PERSON, SANDBOX_SLACK, type SlackMessage } from './workspace.ts';

export const SLACK_PAGE = '/';
export const CLICK_PATH = '/click';
export const SCRIPT_PATH = '/page.js';

const text = z.object({ type: z.string(), text: z.string() });
const button = z.object({
  type: z.literal('button'),
  action_id: z.string(),
  text,
  value: z.string(),
  style: z.string().optional(),
});
const overflow = z.object({
  type: z.literal('overflow'),
  action_id: z.string(),
  options: z.array(z.object({ text, value: z.string() })),
});
/** The blocks that the page draws. */
const drawn = z.discriminatedUnion('type', [
  z.object({ type: z.literal('header'), text }),
  z.object({
    type: z.literal('section'),
    text,
    accessory: z.discriminatedUnion('type', [button, overflow]).optional(),
  }),
  z.object({ type: z.literal('actions'), block_id: z.string(), elements: z.array(button) }),
  z.object({ type: z.literal('context'), elements: z.array(text) }),
  z.object({ type: z.literal('divider') }),
]);

const REFRESH_SECONDS = 2;

/** Looks again while nobody has a menu open. */
export const REFRESH_SCRIPT = `
setInterval(async () => {
  if (document.querySelector('details[open]')) return;
  const response = await fetch('${SLACK_PAGE}').catch(() => undefined);
  if (!response?.ok) return;
  const fresh = new DOMParser().parseFromString(await response.text(), 'text/html');
  const isSame = fresh.querySelector('main').innerHTML === document.querySelector('main').innerHTML;
  if (!isSame && !document.querySelector('details[open]')) document.querySelector('main').replaceWith(fresh.querySelector('main'));
}, ${REFRESH_SECONDS * 1_000});
`;

/** The channel as Slack would show it. Without scripts it looks again all the same, and forgets open menus. */
export function slackPage(messages: readonly SlackMessage[], notice: string | undefined): string {
  const roots = messages.filter(({ thread_ts: thread }) => thread === undefined);
  const repliesTo = ({ ts }: SlackMessage) => messages.filter(({ thread_ts: thread }) => thread === ts);
  const list = roots.map((message) => messageHtml(message, repliesTo(message)));
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<noscript><meta http-equiv="refresh" content="${REFRESH_SECONDS};url=${SLACK_PAGE}#latest"></noscript>
<title>#${SANDBOX_SLACK.channelName}</title>
<style>${STYLE}</style>
<script src="${SCRIPT_PATH}" defer></script>
<header><h1># ${SANDBOX_SLACK.channelName}</h1><p>A stand-in for Slack: the messages are the real ones, and so are the buttons.</p></header>
<main>
${list.join('\n') || '<p class="empty">No alerts yet.</p>'}
${notice === undefined ? '' : `<p class="notice" role="alert">${escapeHtml(notice)}</p>`}
<div id="latest"></div>
</main>
</html>`;
}

function messageHtml(message: SlackMessage, replies: readonly SlackMessage[]): string {
  const { ts, blocks, text: fallback, isEdited, onlyFor } = message;
  const time = new Date(Number(ts) * 1_000).toISOString();
  const body =
    blocks.length === 0
      ? `<p>${mrkdwnToHtml(fallback)}</p>`
      : blocks.map((block) => blockHtml(block, message)).join('\n');
  return `<article data-ts="${escapeHtml(ts)}">
<div class="avatar" aria-hidden="true">bc</div>
<div class="body">
<p class="who"><b>buildingconnected-sync</b> <span class="app">APP</span> <time datetime="${time}">${time.slice(11, 16)} UTC</time>${isEdited ? ' <span class="edited">(edited)</span>' : ''}</p>
${onlyFor === undefined ? '' : '<p class="edited">Only visible to you</p>'}
${body}
${replies.length === 0 ? '' : `<section class="thread" aria-label="Thread">${replies.map((reply) => messageHtml(reply, [])).join('\n')}</section>`}
</div>
</article>`;
}

function blockHtml(block: Block, message: SlackMessage): string {
  const parsed = drawn.safeParse(block);
  if (!parsed.success) return '';
  const { data } = parsed;
  switch (data.type) {
    case 'header':
      return `<h2>${escapeHtml(data.text.text)}</h2>`;
    case 'divider':
      return '<hr>';
    case 'context':
      return `<p class="context">${data.elements.map((element) => escapeHtml(element.text)).join(' ')}</p>`;
    case 'section': {
      const { text: shown, accessory } = data;
      const content = shown.type === 'mrkdwn' ? mrkdwnToHtml(shown.text) : escapeHtml(shown.text);
      return `<div class="section"><div>${content}</div>${accessory === undefined ? '' : accessoryHtml(accessory, message)}</div>`;
    }
    case 'actions':
      return `<div class="actions">${data.elements
        .map((element) => buttonHtml(element, data.block_id, message))
        .join(' ')}</div>`;
  }
}

function accessoryHtml(
  accessory: z.infer<typeof button> | z.infer<typeof overflow>,
  message: SlackMessage,
): string {
  if (accessory.type === 'button') return buttonHtml(accessory, 'accessory', message);
  const { action_id, options } = accessory;
  const items = options.map((option) => buttonHtml({ ...option, action_id }, 'accessory', message));
  return `<details><summary aria-label="More actions">⋯</summary>${items.join('')}</details>`;
}

function buttonHtml(
  element: { action_id: string; text: { text: string }; value: string; style?: string | undefined },
  blockId: string,
  { channel, ts }: SlackMessage,
): string {
  const fields = { channel, ts, actionId: element.action_id, blockId, value: element.value };
  const inputs = Object.entries(fields).map(
    ([name, value]) => `<input type="hidden" name="${name}" value="${escapeHtml(value)}">`,
  );
  return `<form method="post" action="${CLICK_PATH}">${inputs.join('')}<button${element.style === 'primary' ? ' class="primary"' : ''}>${escapeHtml(element.text.text)}</button></form>`;
}

/** What the page says where a click was not taken. */
export function noticeOf(code: string | null): string | undefined {
  if (code === null) return undefined;
  return code === 'nobody'
    ? 'Nobody takes clicks now: they work while `npm start` runs.'
    : `The click of ${SANDBOX_PERSON.name} was answered with ${code}.`;
}

const STYLE = `
:root { color-scheme: light dark; --line: #ddd; --soft: #616061; --back: #fff; --text: #1d1c1d; --code: #f8f8f8; }
@media (prefers-color-scheme: dark) { :root { --line: #424447; --soft: #ababad; --back: #1a1d21; --text: #d1d2d3; --code: #232529; } }
body { margin: 0; font: 15px/1.47 Lato, "Helvetica Neue", Arial, sans-serif; background: var(--back); color: var(--text); }
header { border-bottom: 1px solid var(--line); padding: 8px 20px; }
header h1 { font-size: 18px; margin: 0; } header p { margin: 0; color: var(--soft); font-size: 13px; }
main { max-width: 760px; padding: 8px 20px 40px; }
article { display: flex; gap: 10px; margin: 16px 0; }
.avatar { flex: 0 0 36px; height: 36px; border-radius: 6px; background: #0696d7; color: #fff; font-weight: bold; display: grid; place-items: center; }
.body { flex: 1; min-width: 0; } .who { margin: 0; } .app { font-size: 10px; background: var(--line); border-radius: 2px; padding: 1px 3px; }
time, .edited, .context { color: var(--soft); font-size: 12px; } h2 { font-size: 18px; margin: 6px 0; }
.section { display: flex; gap: 12px; justify-content: space-between; margin: 6px 0; } .section > div { min-width: 0; }
pre { background: var(--code); border: 1px solid var(--line); border-radius: 4px; padding: 8px; margin: 4px 0; white-space: pre-wrap; font-size: 12px; }
code { background: var(--code); border: 1px solid var(--line); border-radius: 3px; padding: 1px 3px; font-size: 12px; }
hr { border: 0; border-top: 1px solid var(--line); } .actions form, details form { display: inline-block; margin-right: 6px; }
button, summary { font: inherit; font-weight: bold; font-size: 13px; border: 1px solid var(--soft); border-radius: 4px; background: var(--back); color: var(--text); padding: 4px 12px; cursor: pointer; }
button.primary { background: #007a5a; border-color: #007a5a; color: #fff; } summary { list-style: none; width: max-content; }
.mark { display: inline-block; width: 11px; height: 11px; border-radius: 50%; background: #8d8d8d; vertical-align: -1px; }
.red_circle { background: #e01e5a; } .large_yellow_circle { background: #ecb22e; } .white_check_mark { background: #2eb67d; }
.thread { border-left: 3px solid var(--line); padding-left: 12px; } .notice { background: #fff3cd; color: #533f03; padding: 8px 12px; border-radius: 4px; }
`;
