import { MANAGEMENT_SIGN_IN } from '../../../../shared/autodesk/connection/credentials.ts';
import { waitText } from '../../../../shared/autodesk/connection/waiting.ts';
import { timeText } from '../../../../shared/time-text.ts';
import type { Status } from '../../../status/status.ts';
import { tableText } from '../../terminal/table-text.ts';

type TimeOf = (iso: string | null) => string;

/** `status` for people. */
export function statusText(status: Status, timeZone: string): string {
  const timeOf = (iso: string | null) => (iso === null ? 'never' : timeText(iso, timeZone));
  const sections = [
    `buildingconnected-sync ${status.version}`,
    connectionText(status.authorization, timeOf),
    status.waiting === null ? '' : `Syncs are waiting for Autodesk ${waitText(status.waiting, timeZone)}.`,
    tableText([
      [
        'RESOURCE',
        'SCOPE',
        'LAST RUN',
        'STATUS',
        'FETCHED',
        'CREATED',
        'UPDATED',
        'DELETED',
        'CURRENT AS OF',
      ],
      ...status.resources.map((list) => resourceRow(list, timeOf)),
    ]),
    ...failures(status),
    incidentsText(status.incidents, timeOf),
    webhooksText(status.webhooks, timeOf),
    ledgerText(status.dataConnector),
    tableText([
      ['QUEUE', 'WAITING', 'DELAYED', 'IN FLIGHT', 'DEAD LETTERS'],
      ...Object.entries(status.queues).map(([name, queue]) => [
        name,
        ...[queue.waiting, queue.delayed, queue.inFlight, queue.deadLetters].map(String),
      ]),
    ]),
  ];
  return sections.filter((section) => section !== '').join('\n\n');
}

function connectionText({ state, expiresAt }: Status['authorization'], timeOf: TimeOf): string {
  switch (state) {
    case 'connected':
      return `Connected to Autodesk${expiresAt === null ? '' : `; the sign-in lasts until ${timeOf(expiresAt)}, and syncs renew it`}.`;
    case 'needs-consent':
      return 'Not connected: someone must sign in (`npm run ops -- authorize`). Syncs are paused.';
    case 'not-configured':
      return 'Not connected: no one has signed in yet (`npm run ops -- authorize`).';
  }
}

function webhooksText(webhooks: Status['webhooks'], timeOf: TimeOf): string {
  if (webhooks === null) return '';
  const { hooks, managementRefused, eventsLastDay, lastEventAt } = webhooks;
  const off = hooks.filter(({ status }) => status === 'inactive').map(({ event }) => event);
  const how = off.length === 0 ? 'all on' : `off: ${off.join(', ')} (\`npm run ops -- webhooks create\`)`;
  const refused =
    managementRefused === null
      ? ''
      : `\nWebhooks that Autodesk switches off stay off (\`${MANAGEMENT_SIGN_IN}\`, then \`npm run ops -- webhooks create\`): ${managementRefused}`;
  return `Webhooks: ${how}; ${eventsLastDay} events in 24 hours, the last ${timeOf(lastEventAt)}.${refused}`;
}

function resourceRow(
  { resource, scope, watermark, lastRun }: Status['resources'][number],
  timeOf: TimeOf,
): string[] {
  if (lastRun === null) return [resource, scope, 'never', '', '', '', '', '', timeOf(watermark)];
  const { mode, startedAt, counts } = lastRun;
  return [
    resource,
    scope,
    `${timeOf(startedAt)}, ${mode}`,
    lastRun.status,
    ...[counts.fetched, counts.created, counts.updated, counts.deleted].map(String),
    timeOf(watermark),
  ];
}

function failures({ resources }: Status): string[] {
  return resources.flatMap(({ resource, scope, lastRun }) =>
    lastRun?.error ? [`${resource} (${scope}): ${lastRun.error.message}\n  ${lastRun.error.remedy}`] : [],
  );
}

function ledgerText(ledgers: Status['dataConnector']): string {
  const told = ledgers.filter(
    ({ jobsLastDay, landed, waiting }) => jobsLastDay !== null || landed.jobs + waiting > 0,
  );
  if (told.length === 0) return '';
  return tableText([
    ['ACCOUNT', 'JOBS IN 24 HOURS', 'LANDED', 'FILES', 'BYTES', 'WAITING', 'FAILED'],
    ...told.map(({ accountId, jobsLastDay, jobLimit, landed, waiting, failed }) => [
      accountId,
      jobsLastDay === null ? '' : `${jobsLastDay} of ${jobLimit}`,
      ...[landed.jobs, landed.files, landed.bytes, waiting, failed.length].map(String),
    ]),
  ]);
}

function incidentsText(incidents: Status['incidents'], timeOf: TimeOf): string {
  const standing = incidents.filter(({ state }) => state !== 'resolved');
  if (standing.length === 0) return 'No incidents.';
  return tableText([
    ['INCIDENT', 'RULE', 'ABOUT', 'STATE', 'SINCE'],
    ...standing.map(({ id, rule, about, state, openedAt }) => [id, rule, about, state, timeOf(openedAt)]),
  ]);
}
