import type { Writable } from 'node:stream';
import type { Names } from '../../shared/alerts/conditions/names.ts';
import type { Incident } from '../../shared/alerts/incidents/incident.ts';
import { CHANNELS, type Channel } from '../../shared/alerts/rules/settings.ts';
import { NeedsConsentError } from '../../shared/autodesk/http/errors.ts';
import { systemClock } from '../../shared/clock.ts';
import { reportFailure } from '../../shared/errors.ts';
import { readIncidents } from '../status/incident-status.ts';
import { readQueueStatus } from '../status/queue-status.ts';
import { readStatus, type Status } from '../status/status.ts';
import { readWebhookStatus } from '../status/webhook-status.ts';
import { awaitDelivery } from './alert-delivery.ts';
import { type DeliveredEmail, deliverEmails } from './data/emails.ts';
import { createProgressDisplay } from './display/progress-display.ts';
import type { ScopeProgress } from './display/sync-view.ts';
import { queueUrls } from './engines/queues.ts';
import { wishesAtStart } from './first-sync.ts';
import { followSync, type SyncEnd } from './follow-sync.ts';
import type { OpenMirror } from './open-mirror.ts';

/** What one sync came to. */
export interface SyncReport {
  end: SyncEnd;
  progress: ScopeProgress[];
  /** Incidents that stand. */
  incidents: Incident[];
  /** By incident id. */
  names: ReadonlyMap<string, Names>;
  emails: DeliveredEmail[];
  /** Channels that were not told everything. */
  behind: Channel[];
  /** Why the lake is not what the mirror is, if it is not. */
  lakeProblem?: string;
}

/** Asks for what a start has to read, follows it to its end and has the alerts delivered. */
export async function syncNow(
  open: OpenMirror,
  options: { full: boolean; display: Writable; signal: AbortSignal; endsAtMs?: number },
): Promise<SyncReport> {
  const { mirror, running, settings } = open;
  const { signal, endsAtMs } = options;
  const connection = proveConnection(open);
  // What was begun is taken up at once; the wishes are for the rest.
  const wishes = wishesAtStart(await mirror.progress(), options.full, systemClock.now());
  await Promise.all([running.trigger({ trigger: 'tick' }), ...wishes.map((wish) => mirror.requestRun(wish))]);
  const display = createProgressDisplay(options.display, systemClock, settings.timeZone);
  const end = await followSync(
    {
      progress: () => mirror.progress(),
      landings: () => mirror.landings(),
      waiting: () => mirror.waiting(),
      consentNeeded: () => connection.consentNeeded(),
      onProgress: (progress, wait) => display.show(progress, wait),
      clock: systemClock,
    },
    signal,
    endsAtMs,
  ).finally(() => display.end());
  const published = publishLake(open);
  const behind = await deliverAlerts(open, signal, endsAtMs);
  const lakeProblem = await published;
  const incidents = await standingIncidents(open);
  return {
    end,
    progress: await mirror.progress(),
    incidents,
    names: new Map(
      await Promise.all(
        incidents.map(async ({ id, finding }) => [id, await mirror.namesOf(finding)] as const),
      ),
    ),
    emails: await takeEmails(open),
    behind,
    ...(lakeProblem !== undefined && { lakeProblem }),
  };
}

/** Answers why it could not be published, if so: that is no failure of the mirror. */
export function publishLake({ lake, log }: OpenMirror): Promise<string | undefined> {
  return lake.publish().then(
    () => undefined,
    (error: unknown) => {
      const { message, remedy } = reportFailure(error);
      log.error('lake not published', { ...reportFailure(error) });
      return `${message} ${remedy}`;
    },
  );
}

/** Puts the emails that the alerts have sent into files. */
export function takeEmails({ stack, emailRecipients }: OpenMirror): Promise<DeliveredEmail[]> {
  return deliverEmails({
    sqs: stack.clients.sqs,
    queueUrl: queueUrls(stack.addresses.queues).emails,
    folder: stack.folder,
    recipients: emailRecipients,
  });
}

async function standingIncidents({ mirror }: OpenMirror): Promise<Incident[]> {
  return (await mirror.incidents.live()).filter(({ state }) => state !== 'resolved' && state !== 'pending');
}

/** The same object as `ops status --json` prints. */
export function statusOf({ mirror, settings, stack }: OpenMirror): Promise<Status> {
  return readStatus({
    accountIds: settings.accountIds,
    enabledResources: settings.enabledResources,
    runs: mirror.runPorts.runs,
    incidents: () => readIncidents(mirror.incidents, mirror.namesOf, systemClock.now()),
    queues: () => readQueueStatus(stack.clients.sqs, queueUrls(stack.addresses.queues)),
    webhooks: () => readWebhookStatus(mirror.hookHealth, mirror.deliveries, systemClock.now()),
    authorization: () => mirror.connection.authorizationStatus(),
    waiting: () => mirror.waiting(),
    jobLedger: mirror.jobLedger,
  });
}

/**
 * Asks for a token beside the runs. What is stored about the connection may be older than the seed of this start,
 * so that it counts only once the connection was tried.
 */
function proveConnection({ mirror, log }: OpenMirror) {
  let wasTried = false;
  let refusal: string | undefined;
  mirror.connection.get().then(
    () => {
      wasTried = true;
    },
    (error: unknown) => {
      wasTried = true;
      if (error instanceof NeedsConsentError) refusal = `${error.message} ${error.remedy}`;
      else log.warn('connection not verified', { ...reportFailure(error) });
    },
  );
  return {
    async consentNeeded(): Promise<string | undefined> {
      if (refusal !== undefined || !wasTried) return refusal;
      const { state, reason = 'it was revoked' } = await mirror.connection.authorizationStatus();
      if (state !== 'needs-consent') return undefined;
      const error = new NeedsConsentError(reason);
      return `${error.message} ${error.remedy}`;
    },
  };
}

async function deliverAlerts(
  open: OpenMirror,
  signal: AbortSignal,
  endsAtMs: number | undefined,
): Promise<Channel[]> {
  const { mirror, settings, stack } = open;
  const urls = queueUrls(stack.addresses.queues);
  return awaitDelivery(
    {
      evaluate: () => mirror.runPorts.alertQueue.send({ kind: 'evaluate' }),
      async isEvaluating() {
        const { alert } = await readQueueStatus(stack.clients.sqs, urls);
        return alert.waiting + alert.delayed + alert.inFlight > 0;
      },
      incidents: mirror.incidents,
      channels: CHANNELS.filter((channel) => channel !== 'slack' || settings.slack !== undefined),
      rules: settings.alertRules,
      clock: systemClock,
    },
    signal,
    endsAtMs,
  );
}
