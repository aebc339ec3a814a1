import * as z from 'zod';
import { type Clock, isoTime } from '../../../shared/clock.ts';
import type { JsonObject } from '../../../shared/json.ts';
import { EVENTS } from '../data/webhook-events.ts';

export const SYSTEM = 'autodesk.construction.bc';

export const storedHook = z.object({
  hookId: z.string(),
  event: z.enum(EVENTS),
  callbackUrl: z.string(),
  companyId: z.string(),
  status: z.enum(['active', 'inactive', 'reactivated']),
  autoReactivateHook: z.boolean(),
  hookAttribute: z.record(z.string(), z.json()).optional(),
  createdDate: z.string(),
  lastUpdatedDate: z.string(),
  /** What its calls are signed with; never shown. */
  token: z.string().optional(),
});
export type StoredHook = z.infer<typeof storedHook>;

/** The hooks of the one user of the sandbox, in the order in which they were made. */
export class Hooks {
  readonly #hooks = new Map<string, StoredHook>();
  readonly #clock: Clock;
  readonly #newId: () => string;
  readonly #persist: () => void;

  constructor(saved: readonly StoredHook[], clock: Clock, newId: () => string, persist: () => void) {
    for (const hook of saved) this.#hooks.set(hook.hookId, hook);
    this.#clock = clock;
    this.#newId = newId;
    this.#persist = persist;
  }

  all(): StoredHook[] {
    return [...this.#hooks.values()];
  }

  get(hookId: string): StoredHook | undefined {
    return this.#hooks.get(hookId);
  }

  add(hook: Omit<StoredHook, 'hookId' | 'createdDate' | 'lastUpdatedDate' | 'status'>): StoredHook {
    const now = isoTime(this.#clock.now());
    const made: StoredHook = {
      ...hook,
      hookId: this.#newId(),
      status: 'active',
      createdDate: now,
      lastUpdatedDate: now,
    };
    this.#hooks.set(made.hookId, made);
    this.#persist();
    return made;
  }

  change(hookId: string, fields: Partial<StoredHook>): void {
    const hook = this.#hooks.get(hookId);
    if (hook === undefined) return;
    this.#hooks.set(hookId, { ...hook, ...fields, lastUpdatedDate: isoTime(this.#clock.now()) });
    this.#persist();
  }

  remove(hookId: string): boolean {
    const isRemoved = this.#hooks.delete(hookId);
    this.#persist();
    return isRemoved;
  }
}

/** A hook as the API and each call show it. */
export function shown(hook: StoredHook, userId: string): JsonObject {
  const { hookId, event, callbackUrl, companyId, status, autoReactivateHook, hookAttribute } = hook;
  return {
    hookId,
    tenant: companyId,
    callbackUrl,
    createdBy: userId,
    event: `${event}-1.0`,
    createdDate: hook.createdDate,
    lastUpdatedDate: hook.lastUpdatedDate,
    system: SYSTEM,
    creatorType: 'O2User',
    status,
    autoReactivateHook,
    hookExpiry: null,
    ...(hookAttribute !== undefined && { hookAttribute }),
    scope: { companyId },
    urn: `urn:adsk.webhooks:events.hook:${hookId}`,
    callbackWithEventPayloadOnly: false,
    __self__: `/systems/${SYSTEM}/events/${event}-1.0/hooks/${hookId}`,
  };
}
