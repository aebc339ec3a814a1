import { html } from 'hono/html';
import { MANAGEMENT_SIGN_IN } from '../../../shared/autodesk/connection/credentials.ts';
import type { StoredCallback } from '../../../shared/callbacks/callback.ts';
import type { QuarantinedRecord } from '../../../shared/records/quarantine.ts';
import { timeText } from '../../../shared/time-text.ts';
import type { ListedExtract } from '../../ops/commands/data-connector/list-extracts.ts';
import type { DeadLetter } from '../../ops/commands/work/dead-letters.ts';
import type { Status } from '../../status/status.ts';
import { actionButton, ago, empty, type Html, number, type ViewContext } from './parts.ts';

export interface OperationsModel {
  quarantined: readonly QuarantinedRecord[];
  deadLetters: readonly (DeadLetter & { queue: 'fetch' | 'alert' })[];
  callbacks: readonly StoredCallback[];
  webhooks: Status['webhooks'];
  ledgers: Status['dataConnector'];
  extracts: readonly ListedExtract[];
}

const MOST_SHOWN = 50;

/** What was kept aside, and what an engineer can do about it. */
export function operations(
  { quarantined, deadLetters, callbacks, webhooks, ledgers, extracts }: OperationsModel,
  context: ViewContext,
): Html {
  return html`<h1>Operations</h1>
<section aria-labelledby="everything"><h2 id="everything">Everything</h2>
<p class="actions">${actionButton({ action: 'sync-all', label: 'Sync all lists' }, context)}
${actionButton({ action: 'alerts-test', label: 'Send a test alert', isConfirmed: true }, context)}
<a class="button" href="/doctor">Check the setup</a></p>
</section>
${experiments(context)}
<section aria-labelledby="quarantine"><h2 id="quarantine">Quarantine <span class="quiet">${number(quarantined.length)}</span></h2>
${
  quarantined.length === 0
    ? empty('No record is in quarantine.')
    : html`<p class="actions">${actionButton({ action: 'retry', label: 'Retry all', isConfirmed: true }, context)}</p>
<div class="scroll" role="group" aria-label="Entries" tabindex="0"><table><thead><tr><th>List</th><th>Key</th><th>Why</th><th>Actions</th></tr></thead>
<tbody>${quarantined
        .slice(0, MOST_SHOWN)
        .map(
          ({ resource, key, message }) =>
            html`<tr><td>${resource}</td><td>${key}</td><td>${message}</td><td class="actions">${actionButton({ action: 'retry', label: 'Retry', fields: { key } }, context)}</td></tr>`,
        )}</tbody></table></div>`
}</section>
<section aria-labelledby="dead"><h2 id="dead">Dead letters <span class="quiet">${number(deadLetters.length)}</span></h2>
${
  deadLetters.length === 0
    ? empty('No message has failed for good.')
    : html`<p class="actions">${actionButton({ action: 'redrive', label: 'Move all back', isConfirmed: true }, context)}</p>
<div class="scroll" role="group" aria-label="Entries" tabindex="0"><table><thead><tr><th>Queue</th><th>Since</th><th>Why</th></tr></thead>
<tbody>${deadLetters.map(({ queue, at, reason }) => html`<tr><td>${queue}</td><td>${ago(at, context)}</td><td>${reason}</td></tr>`)}</tbody></table></div>`
}</section>
<section aria-labelledby="callbacks"><h2 id="callbacks">Callbacks</h2>
${
  callbacks.length === 0
    ? empty('Data Connector has not called back yet.', 'npm run ops -- callback-url')
    : html`<div class="scroll" role="group" aria-label="Entries" tabindex="0"><table><thead><tr><th>Received</th><th>Job</th><th>Request</th><th>State</th><th>Actions</th></tr></thead>
<tbody>${callbacks
        .slice(0, MOST_SHOWN)
        .map(
          ({ receivedAt, jobId, requestId, state }) =>
            html`<tr><td>${timeText(receivedAt, context.timeZone)}</td><td>${jobId}</td><td>${requestId}</td><td>${state}</td><td class="actions">${actionButton({ action: 'replay', label: 'Replay', fields: { jobId } }, context)}</td></tr>`,
        )}</tbody></table></div>`
}</section>
${webhookSection(webhooks, context)}
${dataConnector(ledgers, extracts, context)}`;
}

function webhookSection(webhooks: Status['webhooks'], context: ViewContext): Html {
  if (webhooks === null) {
    return html`<section aria-labelledby="webhooks"><h2 id="webhooks">Webhooks</h2>${empty('None are set up: new bids and opportunities come with the scheduled syncs.', 'npm run ops -- webhooks create')}</section>`;
  }
  const { hooks, lookedAt, refused, managementRefused, eventsLastDay, lastEventAt } = webhooks;
  const last = lastEventAt === null ? 'none yet' : html`the last ${ago(lastEventAt, context)}`;
  const looked = lookedAt === null ? 'not looked at yet' : html`looked at ${ago(lookedAt, context)}`;
  return html`<section aria-labelledby="webhooks"><h2 id="webhooks">Webhooks <span class="quiet">${number(eventsLastDay)} ${eventsLastDay === 1 ? 'event' : 'events'} in 24 hours</span></h2>
<p>Events: ${last}; ${looked}.${refused === null ? '' : html` ${refused}`}</p>
${managementRefused === null ? '' : html`<p>Webhooks that Autodesk switches off stay off: ${managementRefused} Run <code>${MANAGEMENT_SIGN_IN}</code>, then <code>npm run ops -- webhooks create</code>.</p>`}
<div class="scroll" role="group" aria-label="Entries" tabindex="0"><table><thead><tr><th>Event</th><th>Status</th></tr></thead>
<tbody>${hooks.map(({ event, status }) => html`<tr><td>${event}</td><td>${status}${status === 'inactive' ? html`: run <code>npm run ops -- webhooks create</code>` : ''}</td></tr>`)}</tbody></table></div></section>`;
}

function dataConnector(
  ledgers: Status['dataConnector'],
  extracts: readonly ListedExtract[],
  context: ViewContext,
): Html {
  const ofDay = ledgers.filter(({ jobsLastDay }) => jobsLastDay !== null);
  return html`<section aria-labelledby="extracts"><h2 id="extracts">Extracts <span class="quiet">${number(extracts.length)}</span></h2>
${ofDay.map(
  ({ accountId, jobsLastDay, jobLimit }) =>
    html`<p>${number(jobsLastDay ?? 0)} of ${number(jobLimit)} jobs in 24 hours in account ${accountId}</p>`,
)}${
  extracts.length === 0
    ? empty('No extract has been landed.', 'npm run ops -- extracts')
    : html`<div class="scroll" role="group" aria-label="Entries" tabindex="0"><table><thead><tr><th>Job ended</th><th>Request</th><th>Job</th><th>State</th><th>Files</th><th>Bytes</th><th>Why</th></tr></thead>
<tbody>${extracts
        .slice(0, MOST_SHOWN)
        .map(
          ({ endedAt, requestId, jobId, state, files, bytes, reason }) =>
            html`<tr><td>${timeText(endedAt, context.timeZone)}</td><td>${requestId}</td><td>${jobId}</td><td>${state}</td><td>${number(files.length)}</td><td>${number(bytes)}</td><td>${reason ?? ''}</td></tr>`,
        )}</tbody></table></div>`
}</section>`;
}

function experiments({ experiments: known, actionToken }: ViewContext): Html | '' {
  if (known.length === 0 || actionToken === undefined) return '';
  return html`<section aria-labelledby="happen"><h2 id="happen">Make something happen in the sandbox</h2>
<p class="actions">${known.map(
    ({ name, label }) =>
      html`<form method="post" action="/experiments/${name}"><input type="hidden" name="token" value="${actionToken}"><button>${label}</button></form>`,
  )}</p></section>`;
}

/** What a command printed, as it printed it. */
export function outcome(command: string, exitCode: number, printed: string): Html {
  return html`<p>${exitCode === 0 ? 'Done' : 'Failed'}: <code>npm run ops -- ${command}</code></p>${printed === '' ? '' : html`<pre>${printed}</pre>`}`;
}

/** Asks before something is done that is not undone easily. */
export function confirmation(command: string, text: string, form: Html | ''): Html {
  return html`<h1>${text}</h1><p>This runs <code>npm run ops -- ${command}</code></p>${form}`;
}
