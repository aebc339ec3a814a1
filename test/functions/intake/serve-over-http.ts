import { once } from 'node:events';
import { createServer } from 'node:http';

type Intake = (event: unknown, context: never) => unknown;

/** Answers HTTP requests on 127.0.0.1 by a function, handing them over as API Gateway's HTTP API does. */
export async function serveOverHttp(intake: Intake) {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const token = /^\/callbacks\/data-connector\/([^/]+)$/.exec(pathname)?.[1];
    const body = Buffer.concat(chunks);
    const isText = /^(text\/|application\/json)/.test(request.headers['content-type'] ?? '');
    const event = {
      version: '2.0',
      routeKey: token === undefined ? '$default' : 'ANY /callbacks/data-connector/{token}',
      rawPath: pathname,
      headers: request.headers,
      ...(token !== undefined && { pathParameters: { token: decodeURIComponent(token) } }),
      ...(body.length > 0 && { body: body.toString(isText ? 'utf8' : 'base64') }),
      isBase64Encoded: !isText,
      requestContext: { http: { method: request.method } },
    };
    const answer: unknown = await intake(event, {} as never);
    if (!isAnswer(answer)) throw new Error('The function gave no HTTP answer.');
    response.writeHead(answer.statusCode, answer.headers).end(answer.body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return {
    origin: `http://127.0.0.1:${address.port}`,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function isAnswer(
  value: unknown,
): value is { statusCode: number; headers: Record<string, string>; body: string } {
  return typeof value === 'object' && value !== null && 'statusCode' in value && 'body' in value;
}
