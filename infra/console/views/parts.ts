import { html } from 'hono/html';
import type { HtmlEscapedString } from 'hono/utils/html';
import type { Incident } from '../../../shared/alerts/incidents/incident.ts';
import { RULE_WORDS } from '../../../shared/alerts/rules/rule.ts';
import { timeText } from '../../../shared/time-text.ts';
import type { RunStatus } from '../../status/status.ts';

export type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

/** What a view needs besides its data. */
export interface ViewContext {
  timeZone: string;
  nowMs: number;
  /** Forms are drawn with it; without, the console only looks. */
  actionToken: string | undefined;
  /** What can be made to happen in the sandbox. */
  experiments: readonly { name: string; label: string }[];
  /** Of this page, so that an action leads back to it. */
  path: string;
}

export type Tone = 'good' | 'busy' | 'warn' | 'bad' | 'quiet';

export function badge(tone: Tone, text: string): Html {
  return html`<span class="badge ${tone}">${text}</span>`;
}

const MINUTE_MS = 60_000;

/** "3 min ago", with the whole moment when pointed at. */
export function ago(iso: string | null | undefined, { nowMs, timeZone }: ViewContext): Html {
  if (!iso) return html`<span class="quiet">never</span>`;
  return html`<time datetime="${iso}" title="${timeText(iso, timeZone)}">${durationText(nowMs - Date.parse(iso))} ago</time>`;
}

export function durationText(ms: number): string {
  if (ms < MINUTE_MS) return `${Math.max(0, Math.round(ms / 1_000))} s`;
  if (ms < 120 * MINUTE_MS) return `${Math.round(ms / MINUTE_MS)} min`;
  if (ms < 48 * 60 * MINUTE_MS) return `${Math.round(ms / (60 * MINUTE_MS))} h`;
  return `${Math.round(ms / (24 * 60 * MINUTE_MS))} days`;
}

export function number(value: number): string {
  return value.toLocaleString('en-US');
}

const RUN_TONES: Record<RunStatus['status'], Tone> = {
  running: 'busy',
  paused: 'warn',
  complete: 'good',
  failed: 'bad',
};

export function runBadge(status: RunStatus['status']): Html {
  return badge(RUN_TONES[status], status);
}

const INCIDENT_TONES: Record<Incident['state'], Tone> = {
  pending: 'quiet',
  open: 'bad',
  acknowledged: 'warn',
  silenced: 'quiet',
  resolved: 'good',
};

export function incidentBadge(state: Incident['state']): Html {
  return badge(INCIDENT_TONES[state], state);
}

export function problemOf(incident: Incident): string {
  const words = RULE_WORDS[incident.finding.rule];
  return incident.state === 'resolved' ? words.over : words.problem;
}

export interface ActionButton {
  /** The command that it runs, such as `ack`. */
  action: string;
  label: string;
  fields?: Record<string, string>;
  /** Asked about before it is done. */
  isConfirmed?: boolean;
}

/** A button that runs a command; where the console only looks, nothing. */
export function actionButton(
  { action, label, fields = {}, isConfirmed = false }: ActionButton,
  { actionToken, path }: ViewContext,
): Html | '' {
  if (actionToken === undefined) return '';
  const values = Object.entries({ ...fields, back: path });
  if (isConfirmed) {
    return html`<a class="button" href="/confirm/${action}?${new URLSearchParams(values).toString()}">${label}</a>`;
  }
  return html`<form method="post" action="/act/${action}">
    <input type="hidden" name="token" value="${actionToken}">
    ${values.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
    <button>${label}</button>
  </form>`;
}

/** Nothing to show, and what to do about it. */
export function empty(text: string, next?: string): Html {
  return html`<p class="empty">${text}${next === undefined ? '' : html` <code>${next}</code>`}</p>`;
}
