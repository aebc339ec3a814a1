import * as z from 'zod';

/** What the endpoint reads of an event of API Gateway's HTTP API, payload format 2.0. */
export const httpEvent = z.object({
  version: z.literal('2.0'),
  /** Names in lower case. */
  headers: z.record(z.string(), z.string()).default({}),
  pathParameters: z.object({ token: z.string().optional() }).default({}),
  body: z.string().default(''),
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
