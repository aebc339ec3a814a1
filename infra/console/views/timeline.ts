import { html } from 'hono/html';
import type { Happening } from '../reading/timeline.ts';
import { ago, badge, empty, type Html, type ViewContext } from './parts.ts';

const KINDS: Record<Happening['kind'], string> = { run: 'run', incident: 'alert', person: 'person' };

export function timelineTable(happenings: readonly Happening[], context: ViewContext): Html {
  if (happenings.length === 0) return empty('Nothing has happened yet.');
  return html`<div class="scroll" role="group" aria-label="Timeline entries" tabindex="0"><table>
<thead><tr><th>When</th><th>Kind</th><th>Who</th><th>What</th></tr></thead>
<tbody>${happenings.map(
    ({ at, kind, who = '', text, href, isBad }) =>
      html`<tr><td>${ago(at, context)}</td><td>${badge(isBad ? 'bad' : 'quiet', KINDS[kind])}</td><td>${who}</td><td class="wrap"><a href="${href}">${text}</a></td></tr>`,
  )}</tbody></table></div>`;
}

/** What happened, the latest first: runs that changed something, alerts, and what people did. */
export function timelineView(happenings: readonly Happening[], context: ViewContext): Html {
  return html`<h1>Timeline</h1>
<p class="quiet">Runs that changed nothing are left out; <a href="/runs">Runs</a> has them all.</p>
${timelineTable(happenings, context)}`;
}
