import { html } from 'hono/html';
import type { CheckResult } from '../../ops/commands/setup/doctor/check.ts';
import { badge, type Html, type Tone } from './parts.ts';

const TONES: Record<CheckResult['outcome'], Tone> = { pass: 'good', fail: 'bad', skipped: 'quiet' };

/** What `ops doctor` finds. */
export function doctorView(results: readonly CheckResult[]): Html {
  return html`<h1>Setup</h1>
<p>What <code>npm run ops -- doctor</code> finds now.</p>
<div class="scroll" role="group" aria-label="Checks" tabindex="0"><table><thead><tr><th>Check</th><th>Outcome</th><th>Finding</th></tr></thead>
<tbody>${results.map(
    ({ check, outcome, finding, remedy }) =>
      html`<tr><td>${check}</td><td>${badge(TONES[outcome], outcome)}</td><td>${finding}${remedy === undefined ? '' : html`<p class="error">${remedy}</p>`}</td></tr>`,
  )}</tbody></table></div>`;
}
