import * as z from 'zod';
import { isLoopback } from '../../../shared/addresses.ts';
import { EVENTS, type EventName } from '../data/webhook-events.ts';
import { gatewayError, json, type SandboxRequest, type SandboxResponse } from '../http/response.ts';
import { type Hooks, type StoredHook, SYSTEM, shown } from './hooks.ts';

export const WEBHOOKS = '/webhooks/v1';

/** Documents disagree on which one making a hook needs: whoever asks for both is right. */
const TO_MAKE = ['data:read', 'data:create', 'data:write'];
const TO_CHANGE = ['data:read', 'data:write'];

const newHook = z.looseObject({
  callbackUrl: z.url(),
  scope: z.object({ companyId: z.string() }),
  autoReactivateHook: z.boolean().default(false),
  hookAttribute: z.record(z.string(), z.json()).optional(),
});

const hookChange = z.strictObject({
  status: z.enum(['active', 'inactive']).optional(),
  token: z.string().min(1).optional(),
  autoReactivateHook: z.boolean().optional(),
  hookAttribute: z.record(z.string(), z.json()).optional(),
});

export interface WebhooksApiOptions {
  hooks: Hooks;
  companyId: string;
  userId: string;
  /** Rows on a page. */
  pageSize: number;
}

export type WebhooksApi = (request: SandboxRequest, scopes: readonly string[]) => SandboxResponse;

/** The endpoints for hooks, for a caller whose token may read. */
export function createWebhooksApi({ hooks, companyId, userId, pageSize }: WebhooksApiOptions): WebhooksApi {
  function list(request: SandboxRequest, matching: (hook: StoredHook) => boolean): SandboxResponse {
    const rows = hooks.all().filter(matching);
    if (rows.length === 0) return NOTHING;
    const start = Number(request.query.get('pageState') ?? 0);
    const end = start + pageSize;
    return json(200, {
      links: { next: end < rows.length ? `${request.path}?pageState=${end}` : null },
      data: rows.slice(start, end).map((hook) => shown(hook, userId)),
    });
  }

  function make(event: EventName, request: SandboxRequest): SandboxResponse {
    const wanted = newHook.safeParse(bodyOf(request));
    if (!wanted.success) return refused(400, 'The hook is not described as it must be.');
    const { callbackUrl, scope, autoReactivateHook, hookAttribute } = wanted.data;
    // The sandbox calls nobody else.
    if (!isLoopback(new URL(callbackUrl))) return refused(400, 'The sandbox only calls this machine.');
    if (scope.companyId !== companyId) return refused(403, 'The user does not belong to this company.');
    const made = hooks.add({
      event,
      callbackUrl,
      companyId,
      autoReactivateHook,
      ...(hookAttribute && { hookAttribute }),
    });
    const location = `${WEBHOOKS}/systems/${SYSTEM}/events/${event}-1.0/hooks/${made.hookId}`;
    return { status: 201, headers: { location }, body: '' };
  }

  function change(hookId: string, request: SandboxRequest): SandboxResponse {
    const wanted = hookChange.safeParse(bodyOf(request));
    if (!wanted.success) return refused(400, 'Neither the address nor the scope of a hook can be changed.');
    const { status, token, autoReactivateHook, hookAttribute } = wanted.data;
    hooks.change(hookId, {
      ...(status && { status }),
      ...(token && { token }),
      ...(autoReactivateHook !== undefined && { autoReactivateHook }),
      ...(hookAttribute && { hookAttribute }),
    });
    return { status: 200, headers: {}, body: '' };
  }

  return (request, scopes) => {
    const { method } = request;
    const needed = method === 'GET' ? ['data:read'] : method === 'POST' ? TO_MAKE : TO_CHANGE;
    if (!needed.every((scope) => scopes.includes(scope))) {
      return gatewayError(403, 'AUTH-010', 'Token does not have the privilege for this request.');
    }
    const path = request.path.slice(WEBHOOKS.length);
    if (path === '/hooks' && method === 'GET') return list(request, () => true);
    const found = /^\/systems\/([^/]+)(?:\/events\/([^/]+))?\/hooks(?:\/([^/]+))?$/.exec(path);
    const [, system, written, hookId] = found ?? [];
    const event = EVENTS.find((name) => name === written?.replace(/-1\.0$/, ''));
    if (system !== SYSTEM || (written !== undefined && event === undefined)) return unknown();
    if (hookId !== undefined) {
      const hook = hooks.get(hookId);
      if (hook === undefined || hook.event !== event) return unknown();
      if (method === 'PATCH') return change(hookId, request);
      if (method === 'DELETE') return hooks.remove(hookId) ? NOTHING : unknown();
      return method === 'GET' ? json(200, shown(hook, userId)) : unknown();
    }
    if (method === 'GET') return list(request, (hook) => event === undefined || hook.event === event);
    return method === 'POST' && event !== undefined ? make(event, request) : unknown();
  };
}

const NOTHING: SandboxResponse = { status: 204, headers: {}, body: '' };

function unknown(): SandboxResponse {
  return refused(404, 'There is no such webhook.');
}

function refused(status: number, detail: string): SandboxResponse {
  return json(status, { id: 'sandbox', status, code: 'HOOK', title: detail, detail: [detail] });
}

function bodyOf({ body }: SandboxRequest): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
