import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import type { Log } from '../../../shared/observability/log.ts';
import { listenLocally } from '../data/listen.ts';
import { lambdaContext } from './lambda-context.ts';

/** A function behind an HTTP API. */
type HttpFunction = (event: APIGatewayProxyEventV2, context: Context) => Promise<Answer | undefined>;

export interface HttpEndpoint {
  /** `http://127.0.0.1:<port>` */
  url: string;
  stop(): Promise<void>;
}

interface Answer {
  statusCode: number;
  headers: Record<string, string>;
  body: string;
}

/** The functions that have an address. */
type HttpFunctions = Record<'intake' | 'slack', HttpFunction>;

interface Route {
  key: string;
  pattern: RegExp;
  function: keyof HttpFunctions;
  /** The function is given no more of a body: it refuses one this large whatever it says. */
  keptBytes: number;
}

/** As on AWS. */
const ROUTES: readonly Route[] = [
  {
    key: 'ANY /callbacks/data-connector/{token}',
    pattern: /^\/callbacks\/data-connector\/(?<token>[^/]+)$/,
    function: 'intake',
    keptBytes: 64 * 1024,
  },
  {
    key: 'ANY /webhooks/autodesk',
    pattern: /^\/webhooks\/autodesk$/,
    function: 'intake',
    keptBytes: 512 * 1024,
  },
  {
    key: 'ANY /slack/actions',
    pattern: /^\/slack\/actions$/,
    function: 'slack',
    keptBytes: 2 * 1024 * 1024,
  },
];

/** A request larger than this is cut off without an answer, as the limit of an HTTP API on AWS. */
const LARGEST_BODY_BYTES = 10 * 1024 * 1024;
/** How long a sender may take for its request. */
const REQUEST_TIMEOUT_MS = 10_000;
const INVOCATION_TIMEOUT_MS = 30_000;

/**
 * Listens on 127.0.0.1 and turns requests into events of API Gateway's HTTP API for the functions. Port 0 is any
 * free one. Throws `PortInUseError`.
 */
export async function startHttpEndpoint(options: {
  port: number;
  functions: HttpFunctions;
  log: Log;
}): Promise<HttpEndpoint> {
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
    answer(request, response, options.functions).catch((error: unknown) => {
      options.log.error('request not answered', { error: String(error) });
      if (!response.headersSent) send(response, message(500, 'Internal Server Error'));
    });
  });
  const port = await listenLocally(server, options.port, '--port');
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      const closed = once(server, 'close');
      // Requests in hand are answered; connections that only wait are closed.
      server.close();
      await closed;
    },
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, functions: HttpFunctions) {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  const route = ROUTES.find(({ pattern }) => pattern.test(url.pathname));
  const body = await readBody(request, route?.keptBytes ?? 0);
  if (route === undefined) return send(response, message(404, 'Not Found'));
  const deadline = Date.now() + INVOCATION_TIMEOUT_MS;
  const context = lambdaContext(route.function, () => deadline - Date.now());
  const result = await functions[route.function](toEvent(request, url, route, body), context);
  send(response, result ?? message(500, 'Internal Server Error'));
}

async function readBody(request: IncomingMessage, keptBytes: number): Promise<Buffer> {
  const kept: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    if (size <= keptBytes) kept.push(chunk);
    size += chunk.length;
    if (size > LARGEST_BODY_BYTES) request.destroy();
  }
  return Buffer.concat(kept);
}

function toEvent(request: IncomingMessage, url: URL, route: Route, body: Buffer): APIGatewayProxyEventV2 {
  const now = Date.now();
  const parameters = Object.entries(route.pattern.exec(url.pathname)?.groups ?? {});
  return {
    version: '2.0',
    routeKey: route.key,
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    headers: Object.fromEntries(
      Object.entries(request.headersDistinct).map(([name, values]) => [name, values?.join(',')]),
    ),
    pathParameters: Object.fromEntries(parameters.map(([name, value]) => [name, decode(value)])),
    // As bytes, so that the function sees exactly what was sent.
    body: body.toString('base64'),
    isBase64Encoded: true,
    requestContext: {
      accountId: '000000000000',
      apiId: 'local',
      domainName: '127.0.0.1',
      domainPrefix: 'local',
      http: {
        method: request.method ?? 'GET',
        path: url.pathname,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: request.socket.remoteAddress ?? '',
        userAgent: request.headers['user-agent'] ?? '',
      },
      requestId: randomUUID(),
      routeKey: route.key,
      stage: '$default',
      time: new Date(now).toISOString(),
      timeEpoch: now,
    },
  };
}

/** A path segment that is no valid encoding stands for itself: it is no token either. */
function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function message(statusCode: number, text: string): Answer {
  return {
    statusCode,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ message: text }),
  };
}

function send(response: ServerResponse, { statusCode, headers, body }: Answer) {
  // Callbacks are rare, and a connection kept open would only delay the end of the process.
  response.writeHead(statusCode, { ...headers, connection: 'close' }).end(body);
}
