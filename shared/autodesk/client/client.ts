import * as z from 'zod';
import { type Clock, isoTime } from '../../clock.ts';
import type { Json } from '../../json.ts';
import type { Log } from '../../observability/log.ts';
import type { Metrics } from '../../observability/metrics.ts';
import type { Usage } from '../../observability/usage.ts';
import type { Randomness } from '../../randomness.ts';
import type { ApiName, Resource, Scope } from '../../resources/resource.ts';
import { retryAfterMs } from '../../waits.ts';
import {
  AutodeskUnavailableError,
  RateLimitedError,
  RepeatedCursorError,
  TokenRefusedError,
  UnexpectedResponseError,
} from '../http/errors.ts';
import { type AutodeskHttp, type HttpResponse, NoResponseError } from '../http/http.ts';
import { isAboutTwoLeggedToken, refusalOf } from '../http/refusal.ts';
import { backoffMs } from '../http/retry.ts';
import type {
  AutodeskApi,
  ListRequest,
  NestedRequest,
  Page,
  PagePosition,
  RecordReading,
  UpdatedAtWindow,
} from './api.ts';
import type { PauseReason, RateBudget } from './rate-budget.ts';
import { jsonOf, pageFrom, recordFrom } from './responses.ts';
import type { AccessToken, TokenSource } from './token-source.ts';

const ATTEMPTS = 4;
const BACKOFF_BASE_MS = 500;
const BACKOFF_CAP_MS = 8_000;
/** After a 429 without a usable Retry-After. */
const THROTTLED_BASE_MS = 2_000;
const THROTTLED_CAP_MS = 60_000;
/** A call that met this many refused generations gives up: newer tokens do not help. */
const REFUSED_GENERATIONS = 5;
/** BuildingConnected answers 400 to more. */
const LARGEST_PAGE = 100;

const signedInUser = z.object({
  id: z.string(),
  companyId: z.string().nullish(),
  email: z.string().nullish(),
});
/** Who the token belongs to, as `GET users/me` tells. */
export type SignedInUser = z.infer<typeof signedInUser>;

export interface AutodeskClientPorts {
  http: AutodeskHttp;
  tokens: TokenSource;
  budget: RateBudget;
  clock: Clock;
  randomness: Randomness;
  log: Log;
  metrics: Metrics;
  /** Counts each request sent, retries included. One for each piece of work. */
  usage: Usage;
}

interface Request {
  api: ApiName;
  path: string;
  query?: Record<string, string>;
  urgent: boolean;
}

interface Answered<Value> {
  value: Value;
  readAt: string;
  serverDate?: string;
}

/** Autodesk's APIs over HTTP. Cheap to make: one for each piece of work, over ports that all of them share. */
export class AutodeskClient implements AutodeskApi {
  readonly #ports: AutodeskClientPorts;

  constructor(ports: AutodeskClientPorts) {
    this.#ports = ports;
  }

  async list(request: ListRequest): Promise<Page> {
    const { resource, scope, position } = request;
    const query = {
      ...resource.query,
      ...parentFilterOf(resource, request.parents),
      ...filterOf(request.window),
      ...sortOf(resource, request.newestFirst === true),
    };
    if (resource.totalsParameter !== undefined && position === undefined)
      query[resource.totalsParameter] = 'true';
    return this.#page(
      resource.name,
      { ...kindOf(resource), path: listPath(resource, scope, request.parents), query },
      resource.pagination.style,
      position,
      request.limit,
    );
  }

  async nested({ resource, list, scope, id, position, limit }: NestedRequest): Promise<Page> {
    const path = `${recordPath(resource, scope, id)}/${list.segment}`;
    return this.#page(list.name, { ...kindOf(resource), path }, 'cursor', position, limit);
  }

  async read(resource: Resource, scope: Scope, id: string, parentId?: string): Promise<RecordReading> {
    const { value: record, readAt } = await this.#request(
      { ...kindOf(resource), path: recordPath(resource, scope, id, parentId) },
      (answer) => (answer.status === 404 ? absence(answer) : recordFrom(jsonOf(answer), id)),
      [404],
    );
    return record === undefined ? { kind: 'absent', readAt } : { kind: 'found', record, readAt };
  }

  /** What lies at a path that is no list and no record. Undefined where the API answers 404. */
  async document(api: ApiName, path: string): Promise<Json | undefined> {
    const { value } = await this.#request(
      { api, path, urgent: false },
      (answer) => (answer.status === 404 ? absence(answer) : jsonOf(answer)),
      [404],
    );
    return value;
  }

  /** The cheapest proof that the connection works; needs no subscription. */
  async signedInUser(): Promise<SignedInUser> {
    const { value } = await this.#request(
      { api: 'buildingconnected', path: '/construction/buildingconnected/v2/users/me', urgent: false },
      (answer) => {
        const user = signedInUser.safeParse(jsonOf(answer));
        if (!user.success) throw new UnexpectedResponseError('users/me did not say who is signed in');
        return user.data;
      },
    );
    return value;
  }

  /**
   * An empty page that leads to itself is read again before it counts as a loop: some lists answer so while they are
   * being built.
   */
  async #page(
    list: string,
    request: Request,
    style: 'cursor' | 'offset',
    position: PagePosition | undefined,
    wantedLimit: number,
  ): Promise<Page> {
    const limit = Math.min(Math.max(wantedLimit, 1), LARGEST_PAGE);
    const query = { ...request.query, limit: String(limit), ...positionOf(position) };
    const { value, readAt, serverDate } = await this.#request({ ...request, query }, (answer) => {
      const page = pageFrom(jsonOf(answer), style, position, limit);
      if (page.records.length === 0 && leadsToItself(page.next, position))
        throw new RepeatedCursorError(list);
      return page;
    });
    return { ...value, readAt, ...(serverDate === undefined ? {} : { serverDate }) };
  }

  /**
   * Sends a request until it is answered, within the bounds above. `understand` reads the answer of a 200 or of
   * a status in `alsoAnswered`; an `UnexpectedResponseError` it throws is worth another attempt, because most often
   * it is a body that was cut or the error page of a proxy, and so is a `RepeatedCursorError`.
   */
  async #request<Value>(
    request: Request,
    understand: (answer: HttpResponse) => Value,
    alsoAnswered: readonly number[] = [],
  ): Promise<Answered<Value>> {
    const target = `${request.path}${queryText(request.query)}`;
    let refusedTokens = 0;
    for (let attempt = 1; ; ) {
      const token = await this.#ports.tokens.get();
      const outcome = await this.#attempt(request, target, token, understand, alsoAnswered);
      switch (outcome.kind) {
        case 'answered':
          return outcome.answered;
        case 'token-refused':
          this.#ports.tokens.refused(token);
          refusedTokens += 1;
          if (refusedTokens === REFUSED_GENERATIONS) throw new TokenRefusedError(refusedTokens);
          break;
        case 'throttled':
          await this.#holdOff(request.api, outcome.by, attempt, outcome.retryAfterMs);
          attempt += 1;
          break;
        case 'failed':
          if (attempt === ATTEMPTS) throw outcome.error;
          await this.#ports.clock.sleep(
            backoffMs(attempt, BACKOFF_BASE_MS, BACKOFF_CAP_MS, this.#ports.randomness),
          );
          attempt += 1;
          break;
      }
    }
  }

  /** Sends a request once. Throws what no further attempt can change. */
  async #attempt<Value>(
    request: Request,
    target: string,
    token: AccessToken,
    understand: (answer: HttpResponse) => Value,
    alsoAnswered: readonly number[],
  ): Promise<Outcome<Value>> {
    const { budget, clock, http, metrics, usage } = this.#ports;
    await budget.take(request.api, request.urgent);
    usage.apiCalls += 1;
    metrics.add('ApiCalls', 1, { api: request.api });
    const sentAtMs = clock.now();
    let answer: HttpResponse;
    try {
      answer = await http.get(target, token.value);
    } catch (error) {
      if (error instanceof NoResponseError) return { kind: 'failed', error: noAnswer(error) };
      throw error;
    }
    const { status, body, headers } = answer;
    if (status === 200 || alsoAnswered.includes(status)) {
      try {
        const value = understand(answer);
        const serverDate = dateOf(headers);
        const readAt = isoTime(sentAtMs);
        return { kind: 'answered', answered: { value, readAt, ...(serverDate && { serverDate }) } };
      } catch (error) {
        if (error instanceof UnexpectedResponseError || error instanceof RepeatedCursorError) {
          return { kind: 'failed', error };
        }
        throw error;
      }
    }
    const wishedMs = retryAfterMs(headers.get('retry-after'), clock.now());
    if (status === 429) return { kind: 'throttled', by: 'rate-limit', retryAfterMs: wishedMs };
    if (status === 503 && wishedMs !== undefined) {
      return { kind: 'throttled', by: 'unavailable', retryAfterMs: wishedMs };
    }
    if (status >= 500) return { kind: 'failed', error: new AutodeskUnavailableError(`HTTP ${status}`) };
    if (status === 401 && !isAboutTwoLeggedToken(body)) return { kind: 'token-refused' };
    if (status >= 400) throw refusalOf(request.api, request.path, status, body);
    if (status >= 300)
      throw new UnexpectedResponseError(`a redirect (HTTP ${status}), which is never followed`);
    return { kind: 'failed', error: new UnexpectedResponseError(`HTTP ${status} instead of 200`) };
  }

  /** No worker sends anything for as long as Autodesk wishes. The next attempt waits in the budget. */
  async #holdOff(
    api: ApiName,
    by: PauseReason,
    attempt: number,
    wishedMs: number | undefined,
  ): Promise<void> {
    const { budget, log, metrics, randomness } = this.#ports;
    const ms = wishedMs ?? backoffMs(attempt, THROTTLED_BASE_MS, THROTTLED_CAP_MS, randomness);
    metrics.add('ApiThrottled', 1, { api });
    log.info('Autodesk asked for a pause', { api, by, ms });
    await budget.pause(api, ms, by);
    if (attempt < ATTEMPTS) return;
    throw by === 'unavailable' ? new AutodeskUnavailableError('HTTP 503') : new RateLimitedError(api, ms);
  }
}

type Outcome<Value> =
  | { kind: 'answered'; answered: Answered<Value> }
  | { kind: 'token-refused' }
  | { kind: 'throttled'; by: PauseReason; retryAfterMs: number | undefined }
  | { kind: 'failed'; error: AutodeskUnavailableError | UnexpectedResponseError | RepeatedCursorError };

function noAnswer(error: NoResponseError): AutodeskUnavailableError | UnexpectedResponseError {
  if (error.reason === 'broken-body' && error.status === 200) {
    return new UnexpectedResponseError('the response was cut off', { cause: error });
  }
  return new AutodeskUnavailableError(error.message, { cause: error });
}

/** A 404 of the API itself; the error page of something on the way must not count as a deletion. */
function absence(answer: HttpResponse): undefined {
  if (answer.body.trim() !== '') jsonOf(answer);
}

function filterOf(window: UpdatedAtWindow | undefined): Record<string, string> {
  if (window === undefined || (window.from === undefined && window.to === undefined)) return {};
  return { 'filter[updatedAt]': `${window.from ?? ''}..${window.to ?? ''}` };
}

function sortOf(resource: Resource, newestFirst: boolean): Record<string, string> {
  if (resource.pagination.style === 'cursor') return {};
  if (!newestFirst) return resource.pagination.sort;
  if (resource.pagination.newestFirst === undefined) {
    throw new TypeError(`${resource.name} cannot be listed newest first`);
  }
  return resource.pagination.newestFirst;
}

function positionOf(position: PagePosition | undefined): Record<string, string> {
  if (position === undefined) return {};
  return 'cursor' in position ? { cursorState: position.cursor } : { offset: String(position.offset) };
}

function leadsToItself(next: PagePosition | undefined, asked: PagePosition | undefined): boolean {
  return (
    next !== undefined &&
    asked !== undefined &&
    'cursor' in next &&
    'cursor' in asked &&
    next.cursor === asked.cursor
  );
}

function kindOf({ api, urgent }: Resource): Pick<Request, 'api' | 'urgent'> {
  return { api, urgent: urgent === true };
}

function listPath(resource: Resource, scope: Scope, parents: readonly string[] = []): string {
  const by = resource.parent?.by;
  if (by?.kind !== 'path') return resource.path(scope);
  const [id] = parents;
  if (id === undefined) throw new TypeError(`${resource.name} is read for one parent at a time.`);
  return `${recordPath(resource, scope, id)}/${by.segment}`;
}

function parentFilterOf(resource: Resource, parents: readonly string[] = []): Record<string, string> {
  const by = resource.parent?.by;
  return by?.kind === 'filter' ? { [`filter[${by.field}]`]: parents.join() } : {};
}

function recordPath(resource: Resource, scope: Scope, id: string, parentId?: string): string {
  // URLs resolve a segment of dots, also an encoded one, so it would name another path.
  if (/^\.*$/.test(id)) throw new UnexpectedResponseError('an id made only of dots cannot be used in a path');
  const list = parentId === undefined ? resource.path(scope) : listPath(resource, scope, [parentId]);
  return `${list}/${encodeURIComponent(id)}`;
}

/** The names of parameters go as they are documented, with their brackets; values are encoded. */
function queryText(query: Record<string, string> = {}): string {
  const pairs = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

function dateOf(headers: Headers): string | undefined {
  const ms = Date.parse(headers.get('date') ?? '');
  return Number.isFinite(ms) ? isoTime(ms) : undefined;
}
