import { SANDBOX_CLIENT, type Sandbox } from '../../../infra/sandbox/sandbox.ts';
import { isJsonObject, type Json, type JsonObject, parseJson } from '../../../shared/json.ts';

export const BC = '/construction/buildingconnected/v2';
export const DC = '/data-connector/v1/accounts';

export interface Reply {
  status: number;
  headers: Headers;
  text: string;
  json: JsonObject;
}

/** A client that signs in with a fresh refresh token and sends plain requests, without any care. */
export interface Client {
  get(path: string, query?: Record<string, string>): Promise<Reply>;
  accessToken: string;
  refreshToken: string;
}

async function reply(answer: Response): Promise<Reply> {
  const text = await answer.text();
  let json: Json = null;
  try {
    json = parseJson(text);
  } catch {
    // Not JSON: the text says what it is.
  }
  return { status: answer.status, headers: answer.headers, text, json: isJsonObject(json) ? json : {} };
}

export async function askForToken(
  sandbox: Pick<Sandbox, 'origin'>,
  form: Record<string, string>,
  basic: { clientId: string; clientSecret: string } | null = SANDBOX_CLIENT,
): Promise<Reply> {
  const headers = new Headers();
  if (basic !== null) {
    headers.set('authorization', `Basic ${btoa(`${basic.clientId}:${basic.clientSecret}`)}`);
  }
  const body = new URLSearchParams(form);
  return reply(await fetch(`${sandbox.origin}/authentication/v2/token`, { method: 'POST', headers, body }));
}

export async function connect(sandbox: Sandbox, scopes = ['data:read']): Promise<Client> {
  const issued = sandbox.authorization.issueRefreshToken(SANDBOX_CLIENT.clientId, scopes);
  const { json } = await askForToken(sandbox, { grant_type: 'refresh_token', refresh_token: issued });
  const accessToken = String(json.access_token);
  return {
    accessToken,
    refreshToken: String(json.refresh_token),
    get: (path, query = {}) => get(sandbox, accessToken, path, query),
  };
}

export async function get(
  sandbox: Pick<Sandbox, 'origin'>,
  accessToken: string,
  path: string,
  query: Record<string, string> = {},
): Promise<Reply> {
  const address = new URL(path, sandbox.origin);
  for (const [name, value] of Object.entries(query)) address.searchParams.set(name, value);
  const headers = { authorization: `Bearer ${accessToken}` };
  return reply(await fetch(address, { headers, redirect: 'manual' }));
}

export function results(page: Reply): JsonObject[] {
  const list = page.json.results;
  if (!Array.isArray(list)) throw new Error(`No list of results: ${page.text}`);
  return list.filter(isJsonObject);
}

export function pagination({ json }: Pick<Reply, 'json'>): JsonObject {
  if (!isJsonObject(json.pagination)) throw new Error('No pagination.');
  return json.pagination;
}

/** Follows `cursorState` to the end; gives the pages. */
export async function walk(
  client: Client,
  path: string,
  query: Record<string, string> = {},
): Promise<Reply[]> {
  const pages: Reply[] = [];
  let cursor: string | undefined;
  do {
    const page = await client.get(path, cursor === undefined ? query : { ...query, cursorState: cursor });
    if (page.status !== 200) throw new Error(`A page was answered with ${page.status}: ${page.text}`);
    pages.push(page);
    const { cursorState } = pagination(page);
    cursor = typeof cursorState === 'string' ? cursorState : undefined;
    if (pages.length > 500) throw new Error('The list does not end.');
  } while (cursor !== undefined);
  return pages;
}

export function idsOf(records: readonly JsonObject[]): string[] {
  return records.map((record) => String(record.id));
}
