import { shownName } from '../../shared/alerts/conditions/names.ts';
import { RULE_WORDS } from '../../shared/alerts/rules/rule.ts';
import { systemClock } from '../../shared/clock.ts';
import type { ScheduleEvent } from '../../shared/queue/messages.ts';
import { findResource, RESOURCES } from '../../shared/resources/registry.ts';
import { USUAL_MINUTES } from '../../shared/resources/resource.ts';
import type { ScopeProgress } from './display/sync-view.ts';
import { waitSentence } from './display/wait-text.ts';
import type { OpenMirror } from './open-mirror.ts';
import { publishLake, takeEmails } from './run-mirror.ts';
import { setUpSandboxWebhooks } from './sandbox-webhooks.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** Short enough for somebody who watches to see each change arrive. */
const SANDBOX_INTERVAL_MS = 15_000;
const LIVE_INTERVAL_MS = USUAL_MINUTES * MINUTE_MS;
/** Within little more than a minute each part of a sync has had something to do. */
const SANDBOX_LIFE_MS = 4_000;
const LOOK_EVERY_MS = 1_000;

type Say = (line: string) => void;

/** Keeps the mirror current until the signal is aborted, and says what happens. */
export async function stayUp(
  open: OpenMirror,
  say: Say,
  signal: AbortSignal,
  consoleUrl?: string,
): Promise<void> {
  const intervalMs = open.sandbox === undefined ? LIVE_INTERVAL_MS : SANDBOX_INTERVAL_MS;
  startSchedules(open, intervalMs);
  // A machine that is switched off every night would never come to what is done daily.
  await open.running.trigger({ trigger: 'purge' });
  await open.running.trigger({ trigger: 'keep-alive' });
  await sweepWhatIsDue(open);
  if (open.callbackUrl !== undefined) say(`Callback URL for Data Connector: ${open.callbackUrl}`);
  if (consoleUrl !== undefined) say(`Console: ${consoleUrl}`);
  say(`Checking for changes every ${seconds(intervalMs)}, and everything once a day. Ctrl-C stops.`);
  if (open.slackSandbox !== undefined) {
    say(`Slack, with working buttons: ${open.slackSandbox.pageUrl}`);
  }
  if (open.sandbox !== undefined) {
    say('The sandbox is live: records change, file transfers fail and recover, jobs finish and call back.');
    const events = await setUpSandboxWebhooks(open);
    if (events.length > 0) say(`Webhooks are set up: ${events.join(', ')} arrive within seconds.`);
    if (open.callbackUrl !== undefined) open.sandbox.live.callbackUrl = open.callbackUrl;
    open.sandbox.live.start(SANDBOX_LIFE_MS);
  }
  await watch(open, say, signal);
}

function startSchedules({ running, settings }: OpenMirror, intervalMs: number) {
  const schedules: [name: string, everyMs: number, event: ScheduleEvent][] = [
    ['incremental', intervalMs, { trigger: 'sync', mode: 'incremental' }],
    ['full', DAY_MS, { trigger: 'sync', mode: 'full' }],
    ['unfiltered', 7 * DAY_MS, { trigger: 'sync', mode: 'full', unfiltered: true }],
    ['keep-alive', DAY_MS, { trigger: 'keep-alive' }],
    ['purge', DAY_MS, { trigger: 'purge' }],
  ];
  for (const [name, everyMs, event] of schedules) running.schedule(name, everyMs, event);
  for (const { name, parent, everyMinutes = USUAL_MINUTES } of RESOURCES) {
    if (parent !== undefined) continue;
    const everyMs = everyMinutes * MINUTE_MS;
    if (everyMs >= intervalMs || !settings.enabledResources.includes(name)) continue;
    running.schedule(`incremental-${name}`, everyMs, {
      trigger: 'sync',
      mode: 'incremental',
      resources: [name],
    });
  }
}

/** Asks for a full sweep of the resources that had their last one more than a day ago. */
async function sweepWhatIsDue({ mirror, running }: OpenMirror): Promise<void> {
  const due = (await mirror.progress()).filter(({ state: { resource, lastFull } }) => {
    const follows = findResource(resource)?.parent !== undefined;
    return !follows && lastFull !== undefined && systemClock.now() - Date.parse(lastFull.finishedAt) > DAY_MS;
  });
  const resources = [...new Set(due.map(({ state }) => state.resource))];
  if (resources.length > 0) await running.trigger({ trigger: 'sync', mode: 'full', resources });
}

/** Says what each run has changed, what began or ended to be wrong, and what was sent; goes on after a sign-in. */
async function watch(open: OpenMirror, say: Say, signal: AbortSignal): Promise<void> {
  let runs = new Set((await open.mirror.progress()).map(runKey));
  let states = await incidentStates(open);
  let { state: connection } = await open.mirror.connection.authorizationStatus();
  let wait: string | undefined;
  let events = 0;
  while (!signal.aborted) {
    const progress = await open.mirror.progress();
    const ended = progress.filter((scope) => !runs.has(runKey(scope)));
    for (const scope of ended) sayRun(scope, say);
    if (ended.length > 0 || open.lake.isTimeForAll()) {
      void publishLake(open).then((problem) => problem !== undefined && say(problem));
    }
    runs = new Set(progress.map(runKey));
    const now = await incidentStates(open);
    for (const [id, { state, text }] of now) {
      if (states.get(id)?.state !== state) say(`${state}: ${text}`);
    }
    states = now;
    const { state: connectionNow } = await open.mirror.connection.authorizationStatus();
    if (connectionNow !== connection) {
      say(
        connectionNow === 'connected'
          ? 'Connected; syncing again.'
          : 'Not connected; syncs are waiting for a sign-in.',
      );
      // Nobody should have to wait for the next one: it takes up what has waited, and has the alert sent or ended.
      await open.running.trigger({ trigger: 'tick' });
    }
    connection = connectionNow;
    const waiting = await open.mirror.waiting();
    const waitNow = waiting && waitSentence({ for: 'autodesk', waiting }, open.settings.timeZone);
    if (waitNow !== undefined && waitNow !== wait) say(`${waitNow}.`);
    wait = waitNow;
    events = sayEvents(open, events, say);
    for (const { subject, path } of await takeEmails(open)) say(`email "${subject}", saved to ${path}`);
    await systemClock.sleep(LOOK_EVERY_MS, signal).catch(() => {});
  }
}

/** Says which events the sandbox's webhooks have told since the last look; answers how many there were in all. */
function sayEvents({ sandbox }: OpenMirror, saidBefore: number, say: Say): number {
  const told = (sandbox?.webhooks.sent ?? []).filter(({ outcomes }) => outcomes.includes(202));
  for (const { event } of told.slice(saidBefore)) say(`webhook: ${event}, read at once`);
  return told.length;
}

function sayRun({ state: { resource, lastRun } }: ScopeProgress, say: Say) {
  if (lastRun === undefined) return;
  if (lastRun.status === 'failed') {
    say(`${resource}: failed: ${lastRun.error?.message ?? 'unknown reason'}`);
    return;
  }
  const { created, updated, deleted, quarantined } = lastRun.totals.counts;
  const counts = { created, updated, deleted, quarantined };
  const changed = Object.entries(counts).flatMap(([what, count]) => (count > 0 ? [`${count} ${what}`] : []));
  if (changed.length > 0) say(`${resource}: ${changed.join(', ')}`);
}

function runKey({ state: { resource, scope, lastRun } }: ScopeProgress): string {
  return `${resource}/${scope}/${lastRun?.id}`;
}

async function incidentStates({ mirror }: OpenMirror) {
  const incidents = await mirror.incidents.live();
  return new Map(
    incidents.map(({ id, state, finding }) => {
      const { problem, over } = RULE_WORDS[finding.rule];
      return [id, { state, text: `${state === 'resolved' ? over : problem}, ${shownName(finding, {})}` }];
    }),
  );
}

function seconds(ms: number): string {
  return ms < MINUTE_MS ? `${ms / 1_000} seconds` : `${ms / MINUTE_MS} minutes`;
}
