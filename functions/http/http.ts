import * as z from 'zod';

/** What the endpoint reads of an event of API Gateway's HTTP API, payload format 2.0. */
export const httpEvent = z.object({
  version: z.literal('2.0'),
  /** The route that it came by, such as `ANY /slack/actions`. */
  routeKey: z.string().default(''),
  /** Names in lower case. */
  headers: z.record(z.string(), z.string()).default({}),
  pathParameters: z
    .object({ token: z.string().optional() })
    .nullish()
    .transform((given) => given ?? {}),
  body: z
    .string()
    .nullish()
    .transform((given) => given ?? ''),
  isBase64Encoded: z.boolean().default(false),
  requestContext: z.object({ http: z.object({ method: z.string() }) }),
});
export type HttpEvent = z.infer<typeof httpEvent>;

/** What API Gateway is given back. */
export interface HttpResponse {
  statusCode: number;
  headers: Record<string, string>;
  body: string;
}

export function jsonResponse(
  statusCode: number,
  body: unknown,
  headers: Record<string, string> = {},
  contentType = 'application/json',
): HttpResponse {
  return { statusCode, headers: { 'content-type': contentType, ...headers }, body: JSON.stringify(body) };
}

/** What is wrong with a request, as problem details (RFC 9457). */
export const problemDetails = z.object({
  type: z.literal('about:blank'),
  status: z.int(),
  title: z.string(),
  detail: z.string().exactOptional(),
  errors: z
    .array(z.object({ field: z.string(), problem: z.string() }))
    .exactOptional()
    .describe('each field that is not as it must be'),
});

export function problem(
  status: number,
  members: Pick<z.infer<typeof problemDetails>, 'title' | 'detail' | 'errors'>,
  headers: Record<string, string> = {},
): HttpResponse {
  const body: z.infer<typeof problemDetails> = { type: 'about:blank', status, ...members };
  return jsonResponse(status, body, headers, 'application/problem+json');
}

/** The body as it came, byte for byte. */
export function bodyOf({ body, isBase64Encoded }: HttpEvent): Buffer {
  return Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
}
