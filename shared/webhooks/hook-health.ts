import * as z from 'zod';
import { REGIONS, type Region, type WebhooksClient } from '../autodesk/client/webhooks-client.ts';
import { RequestRefusedError } from '../autodesk/http/errors.ts';
import { type Clock, isoTime } from '../clock.ts';
import type { StateItem } from '../dynamodb/state-item.ts';
import { dispositionOf, reportFailure } from '../errors.ts';
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
  /** ISO 8601; absent until the first look. */
  lookedAt: z.string().exactOptional(),
  /** Why the last look was refused, where it was. */
  refused: z.string().exactOptional(),
});
export type HookHealth = z.infer<typeof hookHealth>;

export const NO_HOOKS: HookHealth = { setUp: null, hooks: [] };

/** A hook that sends nothing: what happens meanwhile is never told later. */
export function isInactive({ status }: Pick<WatchedHook, 'status'>): boolean {
  return status === 'inactive';
}

export interface HookHealthPorts {
  health: StateItem<HookHealth>;
  /** Calls with the mirror's own token, which can read hooks and mostly cannot change them. */
  webhooks(region: Region): Pick<WebhooksClient, 'list' | 'change'>;
  /** Asks for an incremental run of these lists. */
  readAgain(resources: readonly string[]): Promise<void>;
  clock: Clock;
  log: Log;
}

/**
 * The daily look at our hooks. Events of a hook that is, or was, inactive are never delivered, so the lists that they
 * are about are read again; only then is the look recorded, so that a repetition after a crash reads them once more.
 * An inactive hook is switched on where the token may do that. Does nothing while no hooks were set up.
 */
export async function lookAtHooks({
  health,
  webhooks,
  readAgain,
  clock,
  log,
}: HookHealthPorts): Promise<void> {
  const { value: before, rev } = await health.read();
  if (before.setUp === null) return;
  const { region, callbackUrl } = before.setUp;
  const client = webhooks(region);
  const lookedAt = isoTime(clock.now());
  let listed: Awaited<ReturnType<typeof client.list>>;
  try {
    listed = await client.list();
  } catch (error) {
    if (dispositionOf(error) !== 'fail') throw error;
    const { message } = reportFailure(error);
    log.warn('hooks cannot be listed', { reason: message });
    await health.write({ ...before, lookedAt, refused: message }, rev);
    return;
  }
  const ours = listed.filter((hook) => hook.callbackUrl === callbackUrl);
  const hooks: WatchedHook[] = [];
  const missed: WatchedHook[] = [];
  for (const { hookId, event, status, lastUpdatedDate } of ours) {
    const known = before.hooks.find((hook) => hook.hookId === hookId);
    const seen: WatchedHook = {
      hookId,
      event: plainEvent(event),
      status,
      ...(lastUpdatedDate && { changedAt: lastUpdatedDate }),
    };
    if (hasMissed(seen, known)) missed.push(seen);
    const isRevived = isInactive(seen) && (await revive(client, { event, hookId }));
    if (isInactive(seen)) log.warn('a hook is inactive', { event: seen.event, isRevived });
    hooks.push(isRevived ? { ...seen, status: 'active' } : seen);
  }
  const gone = before.hooks.filter(({ hookId }) => !hooks.some((hook) => hook.hookId === hookId));
  if (gone.length > 0) log.warn('hooks are gone', { events: gone.map(({ event }) => event) });
  const lists = new Set([...missed, ...gone].flatMap(({ event }) => listOfEvent(event) ?? []));
  if (lists.size > 0) await readAgain([...lists]);
  // A hook that somebody else removed sends nothing either.
  const removed = gone.map((hook) => ({ ...hook, status: 'inactive' }));
  await health.write({ setUp: before.setUp, hooks: [...hooks, ...removed], lookedAt }, rev);
}

/** Whether events may have happened that were not sent since the look before. */
function hasMissed(seen: WatchedHook, known: WatchedHook | undefined): boolean {
  if (isInactive(seen)) return true;
  return (
    seen.status === 'reactivated' && (known?.status !== 'reactivated' || known.changedAt !== seen.changedAt)
  );
}

/** Answers false where the token may only read: then a person has to do it. */
async function revive(
  client: Pick<WebhooksClient, 'change'>,
  hook: { event: string; hookId: string },
): Promise<boolean> {
  try {
    await client.change(hook, { status: 'active' });
    return true;
  } catch (error) {
    if (error instanceof RequestRefusedError) return false;
    throw error;
  }
}
