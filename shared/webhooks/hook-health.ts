import * as z from 'zod';
import { type Hook, REGIONS, type Region, type WebhooksClient } from '../autodesk/client/webhooks-client.ts';
import { NeedsConsentError, RequestRefusedError } from '../autodesk/http/errors.ts';
import { type Clock, isoTime } from '../clock.ts';
import type { StateItem } from '../dynamodb/state-item.ts';
import { ConfigurationError, dispositionOf, reportFailure } from '../errors.ts';
import type { Log } from '../observability/log.ts';
import { listOfEvent, plainEvent } from './webhook-event.ts';

const watchedHook = z.object({
  hookId: z.string(),
  /** Without a version. */
  event: z.string(),
  /** As Autodesk sent it. */
  status: z.string(),
  /** When Autodesk changed it last, as sent. */
  changedAt: z.string().exactOptional(),
});
export type WatchedHook = z.infer<typeof watchedHook>;

/** What is known of our hooks; stored once they were set up, and looked at once a day. */
export const hookHealth = z.object({
  /** Where the hooks are; null while none were set up. */
  setUp: z.object({ region: z.enum(REGIONS), callbackUrl: z.string() }).nullable(),
  hooks: z.array(watchedHook),
  /** Ids of those that are being switched on, while the lists that they tell of have still to be read again. */
  reviving: z.array(z.string()).exactOptional(),
  /** ISO 8601; absent until the first look. */
  lookedAt: z.string().exactOptional(),
  /** Why the last look was refused, where it was. */
  refused: z.string().exactOptional(),
  /** Why the last look had to do without the management sign-in, where there is one. A new sign-in is the cure. */
  managementRefused: z.string().exactOptional(),
});
export type HookHealth = z.infer<typeof hookHealth>;

export const NO_HOOKS: HookHealth = { setUp: null, hooks: [] };

/** A hook that sends nothing: what happens meanwhile is never told later. */
export function isInactive({ status }: Pick<WatchedHook, 'status'>): boolean {
  return status === 'inactive';
}

type HookClient = Pick<WebhooksClient, 'list' | 'change'>;

/** The hooks of a region, as each sign-in may see and change them. */
export interface HookAccess {
  /** With the management sign-in: hooks belong to whoever made them, which took it. Undefined where there is none. */
  managed(region: Region): Promise<HookClient | undefined>;
  /** With the mirror's own, which can read hooks and mostly cannot change them. */
  own(region: Region): HookClient;
}

export interface HookHealthPorts {
  health: StateItem<HookHealth>;
  webhooks: HookAccess;
  /** Asks for an incremental run of these lists. */
  readAgain(resources: readonly string[]): Promise<void>;
  clock: Clock;
  log: Log;
}

/**
 * The daily look at our hooks: with the management sign-in, or with the mirror's own where there is none or where it
 * is refused. Inactive hooks are switched on where that is allowed. Events of a hook that is, or was, inactive are
 * never delivered, so the lists that they are about are read again; only then is the look recorded, so that a
 * repetition after a crash reads them once more. Does nothing while no hooks were set up.
 */
export async function lookAtHooks(ports: HookHealthPorts): Promise<void> {
  const { health, webhooks, readAgain, clock, log } = ports;
  const { value: before, rev } = await health.read();
  const { setUp } = before;
  if (setUp === null) return;
  const lookedAt = isoTime(clock.now());
  const listing = await listHooks(webhooks, setUp.region, log);
  if ('refused' in listing) {
    const { refused: _before, managementRefused: _too, ...known } = before;
    await health.write({ ...known, ...listing, lookedAt }, rev);
    return;
  }
  const ours = listing.hooks.filter(({ callbackUrl }) => callbackUrl === setUp.callbackUrl);
  const seen = ours.map(watched);
  const missed = seen.filter((hook) => hasMissed(hook, before));
  const gone = before.hooks.filter(({ hookId }) => !seen.some((hook) => hook.hookId === hookId));
  if (gone.length > 0) log.warn('hooks are gone', { events: gone.map(({ event }) => event) });

  const inactive = ours.filter(isInactive);
  let nextRev = rev;
  if (inactive.length > 0) {
    const reviving = [...(before.reviving ?? []), ...inactive.map(({ hookId }) => hookId)];
    // Whoever was faster, another look or a command, does the same.
    if (!(await health.write({ ...before, reviving }, rev))) return;
    nextRev += 1;
  }
  const { revived, managementRefused = listing.managementRefused } = await revive(inactive, listing, log);
  const lists = new Set([...missed, ...gone].flatMap(({ event }) => listOfEvent(event) ?? []));
  if (lists.size > 0) await readAgain([...lists]);
  const hooks = [
    ...seen.map((hook) => (revived.has(hook.hookId) ? { ...hook, status: 'active' } : hook)),
    // A hook that somebody else removed sends nothing either.
    ...gone.map((hook) => ({ ...hook, status: 'inactive' })),
  ];
  const refusal = managementRefused === undefined ? {} : { managementRefused };
  await health.write({ setUp, hooks, lookedAt, ...refusal }, nextRev);
}

interface Listing {
  client: HookClient;
  hooks: Hook[];
  isManaged: boolean;
  managementRefused?: string;
}

type Refusals = Pick<HookHealth, 'refused' | 'managementRefused'>;

/** Throws what may pass by itself, and where the mirror itself needs a sign-in. */
async function listHooks(
  webhooks: HookAccess,
  region: Region,
  log: Log,
): Promise<Listing | (Refusals & { refused: string })> {
  const refusals: Refusals = {};
  try {
    const client = await webhooks.managed(region);
    if (client !== undefined) return { client, hooks: await client.list(), isManaged: true };
  } catch (error) {
    if (!isRefusedSignIn(error)) return refusedLook(error, refusals, log);
    refusals.managementRefused = reportFailure(error).message;
    log.warn('the management sign-in is refused', { reason: refusals.managementRefused });
  }
  const client = webhooks.own(region);
  try {
    return { client, hooks: await client.list(), isManaged: false, ...refusals };
  } catch (error) {
    return refusedLook(error, refusals, log);
  }
}

function refusedLook(error: unknown, refusals: Refusals, log: Log): Refusals & { refused: string } {
  if (dispositionOf(error) !== 'fail') throw error;
  const { message } = reportFailure(error);
  log.warn('hooks cannot be listed', { reason: message });
  return { ...refusals, refused: message };
}

/** Whether another sign-in would help: it is dead, may not do this, or is not to be had. */
function isRefusedSignIn(error: unknown): boolean {
  return (
    error instanceof NeedsConsentError ||
    error instanceof ConfigurationError ||
    (error instanceof RequestRefusedError && error.status === 403)
  );
}

/** Whether events may have happened that were not sent since the look before. */
function hasMissed(seen: WatchedHook, before: HookHealth): boolean {
  if (isInactive(seen) || before.reviving?.includes(seen.hookId)) return true;
  const known = before.hooks.find(({ hookId }) => hookId === seen.hookId);
  // It went on being off after that look.
  if (known !== undefined && isInactive(known)) return true;
  return (
    seen.status === 'reactivated' && (known?.status !== 'reactivated' || known.changedAt !== seen.changedAt)
  );
}

/** Switches on what it may, and answers the ids. Where it may not, a person has to do it. */
async function revive(
  inactive: readonly Hook[],
  { client, isManaged }: Listing,
  log: Log,
): Promise<{ revived: Set<string>; managementRefused?: string }> {
  const revived = new Set<string>();
  const refusals: Pick<Refusals, 'managementRefused'> = {};
  for (const { event, hookId } of inactive) {
    try {
      await client.change({ event, hookId }, { status: 'active' });
      revived.add(hookId);
    } catch (error) {
      const isRefused = isManaged && isRefusedSignIn(error);
      if (isRefused) refusals.managementRefused = reportFailure(error).message;
      else if (!(error instanceof RequestRefusedError)) throw error;
    }
    log.warn('a hook is inactive', { event: plainEvent(event), isRevived: revived.has(hookId) });
  }
  return { revived, ...refusals };
}

function watched({ hookId, event, status, lastUpdatedDate }: Hook): WatchedHook {
  return {
    hookId,
    event: plainEvent(event),
    status,
    ...(lastUpdatedDate && { changedAt: lastUpdatedDate }),
  };
}
