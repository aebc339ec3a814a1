import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';

/** A server as indiscreet as can be. It passes requests on and repeats in its refusals what it was sent. */
export interface EchoingProxy {
  origin: string;
  /** Every secret that went through it: tokens in both directions, credentials, whole headers. */
  secrets: Set<string>;
  /** Answers requests (method, space, path) that match with this, so many times. */
  refuse(on: RegExp, refusal: Refusal, times?: number): void;
  close(): Promise<void>;
}

export interface Refusal {
  status: number;
  /** `error` of a token request. */
  code?: string;
  as?: 'json' | 'html' | 'broken-json';
}

interface Rule {
  on: RegExp;
  refusal: Refusal;
  left: number;
}

export async function startEchoingProxy(target: string): Promise<EchoingProxy> {
  const secrets = new Set<string>();
  let rules: Rule[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      let body = '';
      for await (const chunk of request) body += chunk;
      noteRequest(request.headers, body, secrets);
      const rule = rules.find(({ on }) => on.test(`${request.method} ${request.url}`));
      if (rule !== undefined) {
        rule.left -= 1;
        rules = rules.filter(({ left }) => left > 0);
        return repeat(rule.refusal, `${request.headers.authorization} ${body}`, response);
      }
      const { authorization = '', 'content-type': type = '' } = request.headers;
      const answer = await fetch(`${target}${request.url}`, {
        method: request.method ?? 'GET',
        headers: { ...(authorization && { authorization }), ...(type && { 'content-type': type }) },
        ...(body !== '' && { body }),
      });
      const text = await answer.text();
      for (const [, token = ''] of text.matchAll(/"(?:access|refresh)_token":"([^"]+)"/g)) secrets.add(token);
      response
        .writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' })
        .end(text);
    })().catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    origin: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
    secrets,
    refuse(on, refusal, times = Number.POSITIVE_INFINITY) {
      rules.push({ on, refusal, left: times });
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function noteRequest({ authorization }: IncomingHttpHeaders, body: string, secrets: Set<string>): void {
  if (authorization !== undefined) {
    secrets.add(authorization);
    secrets.add(authorization.replace(/^\S+ /, ''));
  }
  const form = new URLSearchParams(body);
  for (const name of ['refresh_token', 'client_secret', 'assertion']) {
    const value = form.get(name);
    if (value) secrets.add(value);
  }
}

function repeat({ status, code, as = 'json' }: Refusal, sent: string, response: ServerResponse): void {
  const json = JSON.stringify({
    error: code ?? sent,
    error_description: sent,
    title: sent,
    detail: sent,
    message: sent,
    developerMessage: sent,
  });
  const text = { json, html: `<h1>${sent}</h1>`, 'broken-json': json.slice(0, -3) }[as];
  const type = as === 'html' ? 'text/html' : 'application/json';
  response.writeHead(status, { 'content-type': type, 'x-echo': encodeURIComponent(sent) }).end(text);
}
