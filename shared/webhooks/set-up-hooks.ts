import type { Hook, Region, WebhooksClient } from '../autodesk/client/webhooks-client.ts';
import { type Clock, isoTime } from '../clock.ts';
import type { StateItem } from '../dynamodb/state-item.ts';
import type { Randomness } from '../randomness.ts';
import { currentSecret, rotateSecret, type SecretStore } from '../rotation/rotating-secret.ts';
import { type HookHealth, isInactive, NO_HOOKS, type WatchedHook } from './hook-health.ts';
import { listOfEvent, plainEvent } from './webhook-event.ts';

/** The hooks that should be there: one for each event, at our address. */
export interface WantedHooks {
  events: readonly string[];
  callbackUrl: string;
  /** Marks our hooks, so that those of an earlier address are known. */
  stage: string;
}

/** What has to be done to come to that. */
export interface HookPlan {
  create: string[];
  /** They are there; those that are inactive are switched on. */
  keep: Hook[];
  /** Of ours: at an address of before, of an event that is not wanted any more, or one too many. */
  remove: Hook[];
}

/** Ours are those at our address, and those that say they are. Nobody else's are ever touched. */
export function isOurs(
  hook: Hook,
  { callbackUrl, stage }: Pick<WantedHooks, 'callbackUrl' | 'stage'>,
): boolean {
  return hook.callbackUrl === callbackUrl || hook.hookAttribute?.stage === markOf(stage);
}

/** Two stages may have the same name at two companies' projects, so it says whose it is. */
function markOf(stage: string): string {
  return `buildingconnected-sync/${stage}`;
}

export function planHooks(hooks: readonly Hook[], wanted: WantedHooks): HookPlan {
  const plan: HookPlan = { create: [], keep: [], remove: [] };
  const ours = hooks.filter((hook) => isOurs(hook, wanted));
  for (const event of wanted.events) {
    const kept = ours.find(
      (hook) => plainEvent(hook.event) === event && hook.callbackUrl === wanted.callbackUrl,
    );
    if (kept === undefined) plan.create.push(event);
    else plan.keep.push(kept);
  }
  plan.remove = ours.filter((hook) => !plan.keep.includes(hook));
  return plan;
}

export interface HookPorts {
  webhooks: Pick<WebhooksClient, 'list' | 'create' | 'change' | 'remove'>;
  secret: SecretStore;
  health: StateItem<HookHealth>;
  /** Asks for an incremental run of these lists. */
  readAgain(resources: readonly string[]): Promise<void>;
  clock: Clock;
  randomness: Randomness;
}

/**
 * Brings the hooks to what is wanted: new ones first, then all have their secret, then old ones go, because Autodesk
 * cannot change the address of a hook. What is inactive is switched on, and the lists it tells of are read again. Any
 * part may be repeated: a second call finds nothing left to do but to hand over the secret once more. `rotate`: with a
 * new secret; the one before stays valid.
 */
export async function setUpHooks(
  plan: HookPlan,
  {
    region,
    companyId,
    rotate,
    ...wanted
  }: WantedHooks & { region: Region; companyId: string; rotate: boolean },
  ports: HookPorts,
): Promise<void> {
  const { webhooks, secret, health, randomness, clock } = ports;
  // Known to us before Autodesk signs with it.
  const token = rotate
    ? (await rotateSecret(secret, randomness)).current
    : await currentSecret(secret, randomness);
  const hooks: Pick<Hook, 'hookId' | 'event'>[] = [...plan.keep];
  for (const event of plan.create) {
    const hookAttribute = { stage: markOf(wanted.stage) };
    const hookId = await webhooks.create({
      event,
      callbackUrl: wanted.callbackUrl,
      companyId,
      hookAttribute,
    });
    hooks.push({ hookId, event });
  }
  for (const hook of hooks) await webhooks.change(hook, { token });
  for (const hook of plan.keep.filter(isInactive)) await webhooks.change(hook, { status: 'active' });
  for (const hook of plan.remove) await webhooks.remove(hook);
  const missed = plan.keep.filter(({ status }) => status !== 'active');
  const lists = new Set(missed.flatMap(({ event }) => listOfEvent(event) ?? []));
  if (lists.size > 0) await ports.readAgain([...lists]);
  const watched: WatchedHook[] = hooks.map(({ hookId, event }) => ({
    hookId,
    event: plainEvent(event),
    status: 'active',
  }));
  await replace(health, {
    setUp: { region, callbackUrl: wanted.callbackUrl },
    hooks: watched,
    lookedAt: isoTime(clock.now()),
  });
}

/** Removes hooks of ours, and stops looking after them. */
export async function removeHooks(
  hooks: readonly Hook[],
  { webhooks, health }: Pick<HookPorts, 'webhooks' | 'health'>,
): Promise<void> {
  for (const hook of hooks) await webhooks.remove(hook);
  await replace(health, NO_HOOKS);
}

async function replace(health: StateItem<HookHealth>, value: HookHealth): Promise<void> {
  for (;;) {
    const { rev } = await health.read();
    if (await health.write(value, rev)) return;
  }
}
