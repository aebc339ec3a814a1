import * as z from 'zod';
import { isJsonObject, type Json, parseJson } from '../../json.ts';
import type { ApiName } from '../../resources/resource.ts';
import { type RefusalCode, RequestRefusedError } from './errors.ts';

/** The names under which Autodesk's services put the short description of an error. */
const TITLE_FIELDS = [
  'title',
  'developerMessage',
  'error_description',
  'message',
  'detail',
  'error',
] as const;

/** AUTH-010 is the code of Autodesk's gateway. The name of a resource, `scope-specific-...`, must not count. */
const WRONG_SCOPE =
  /AUTH-010|insufficient_scope|privilege for this request|\b(lacks?|missing|required?s?|insufficient)\b[^.]*\bscopes?\b(?!-)/i;
const shortText = z.string().trim().min(1);

/** Maps a 4xx answer (429 excepted) to the error that says what a person can do. The one place where that is decided. */
export function refusalOf(api: ApiName, path: string, status: number, body: string): RequestRefusedError {
  return new RequestRefusedError(codeOf(api, path, status, body), status, titleOf(body));
}

function codeOf(api: ApiName, path: string, status: number, body: string): RefusalCode {
  if (status === 401 && isAboutTwoLeggedToken(body)) return 'TWO_LEGGED_TOKEN';
  if (status === 401) return 'FORBIDDEN';
  if (status === 403) {
    if (body.includes('SUBSCRIPTION_REQUIRED')) return 'SUBSCRIPTION_REQUIRED';
    if (WRONG_SCOPE.test(body)) return 'WRONG_SCOPE';
    return api === 'data-connector' ? 'APP_NOT_IN_ACCOUNT' : 'FORBIDDEN';
  }
  if (status === 404) return /\/accounts\/[^/]+\/[^/]+$/.test(path) ? 'ACCOUNT_UNKNOWN' : 'NOT_FOUND';
  return 'BAD_REQUEST';
}

/** A 401 that no newer token of the same kind will cure. */
export function isAboutTwoLeggedToken(body: string): boolean {
  return /2-legged|two-legged/i.test(body);
}

/** The server's short title or code, with anything cut out that could be a token; undefined where there is none. */
export function titleOf(body: string): string | undefined {
  const parsed = tryParse(body);
  if (!isJsonObject(parsed)) return undefined;
  for (const field of TITLE_FIELDS) {
    const text = shortText.safeParse(parsed[field]);
    if (text.success)
      return text.data
        .slice(0, 200)
        .replace(/[^\s"']{24,}/g, '…')
        .slice(0, 120);
  }
  return undefined;
}

function tryParse(text: string): Json | undefined {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}
