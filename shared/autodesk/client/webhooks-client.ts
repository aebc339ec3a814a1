import * as z from 'zod';
import type { Json } from '../../json.ts';
import { UnexpectedResponseError } from '../http/errors.ts';
import type { HttpResponse } from '../http/http.ts';
import type { ManagementClient, ManagementRequest } from './management-client.ts';

/** Where Autodesk keeps hooks, and sends events from. */
export const REGIONS = ['US', 'EMEA', 'AUS', 'CAN', 'DEU', 'IND', 'JPN', 'GBR'] as const;
export type Region = (typeof REGIONS)[number];

/** 200 rows a page: far more hooks than anybody has. */
const PAGE_CAP = 50;

const attribute = z.record(z.string(), z.unknown());

/** A hook as far as we look at it; unknown statuses are kept as sent. */
const hook = z.object({
  hookId: z.string().min(1),
  event: z.string(),
  callbackUrl: z.string(),
  /** `active`, `inactive`; `reactivated`: it was inactive, and nothing has happened since. */
  status: z.string(),
  lastUpdatedDate: z.string().nullish(),
  hookAttribute: attribute.nullish(),
});
export type Hook = z.infer<typeof hook>;

const page = z.object({
  links: z.object({ next: z.string().nullish() }).nullish(),
  data: z.array(hook),
});

export interface NewHook {
  event: string;
  callbackUrl: string;
  companyId: string;
  hookAttribute: { stage: string };
}

/** The hooks of one system at APS Webhooks, in one region. */
export class WebhooksClient {
  readonly #client: Pick<ManagementClient, 'send'>;
  readonly #system: string;
  readonly #region: Region;

  constructor(client: Pick<ManagementClient, 'send'>, system: string, region: Region) {
    this.#client = client;
    this.#system = system;
    this.#region = region;
  }

  /** Every hook of the signed-in user's, whoever made it. Autodesk answers 204 where there is none. */
  async list(): Promise<Hook[]> {
    const hooks: Hook[] = [];
    const seen = new Set<string>();
    let pageState: string | undefined;
    for (let pages = 0; pages < PAGE_CAP; pages += 1) {
      const answer = await this.#send({
        method: 'GET',
        path: this.#path('hooks'),
        ...(pageState !== undefined && { query: { pageState } }),
      });
      if (answer.status === 204 || answer.body.trim() === '') return hooks;
      const read = pageOf(answer);
      hooks.push(...read.data);
      pageState = nextPageState(read.links?.next);
      if (pageState === undefined) return hooks;
      if (seen.has(pageState)) break;
      seen.add(pageState);
    }
    throw new UnexpectedResponseError('the list of webhooks does not end');
  }

  /** Answers the id of the new hook, which has no secret yet. Autodesk may switch it on again after failures. */
  async create({ event, callbackUrl, companyId, hookAttribute }: NewHook): Promise<string> {
    const { headers } = await this.#send({
      method: 'POST',
      path: this.#path('events', event, 'hooks'),
      body: { callbackUrl, scope: { companyId }, hookAttribute, autoReactivateHook: true },
    });
    const id = /\/hooks\/([^/?#]+)\/?$/.exec(headers.get('location') ?? '')?.[1];
    if (id === undefined) throw new UnexpectedResponseError('it did not say where the new webhook is');
    return decodeURIComponent(id);
  }

  /** `token`: the secret that this hook's events are signed with, within ten minutes. No other hook is touched. */
  async change(
    { event, hookId }: Pick<Hook, 'event' | 'hookId'>,
    change: { token: string } | { status: 'active' },
  ): Promise<void> {
    await this.#send({ method: 'PATCH', path: this.#path('events', event, 'hooks', hookId), body: change });
  }

  async remove({ event, hookId }: Pick<Hook, 'event' | 'hookId'>): Promise<void> {
    await this.#send({ method: 'DELETE', path: this.#path('events', event, 'hooks', hookId) });
  }

  #path(...segments: string[]): string {
    return `/webhooks/v1/systems/${[this.#system, ...segments].map(encodeURIComponent).join('/')}`;
  }

  #send(
    request: Pick<ManagementRequest, 'method' | 'path' | 'query'> & { body?: Json },
  ): Promise<HttpResponse> {
    return this.#client.send({
      ...request,
      headers: { 'x-ads-region': this.#region },
      api: 'buildingconnected',
    });
  }
}

function pageOf({ body }: HttpResponse): z.infer<typeof page> {
  let sent: unknown;
  try {
    sent = JSON.parse(body);
  } catch {
    sent = undefined;
  }
  const read = page.safeParse(sent);
  if (read.success) return read.data;
  throw new UnexpectedResponseError('it is not a list of webhooks');
}

/** The next page is asked for with our own address: what `next` points at is never fetched. */
function nextPageState(next: string | null | undefined): string | undefined {
  if (next === undefined || next === null || next === '') return undefined;
  const query = next.includes('?') ? next.slice(next.indexOf('?')) : '';
  return new URLSearchParams(query).get('pageState') ?? undefined;
}
