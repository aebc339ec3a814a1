import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';

/** A webhook that takes every message. */
export interface SlackStandIn {
  url: string;
  /** What was sent, oldest first. */
  messages: string[];
  /** When each of them came, in milliseconds since 1970. */
  receivedAtMs: number[];
  close(): void;
}

export async function startSlackStandIn(): Promise<SlackStandIn> {
  const messages: string[] = [];
  const receivedAtMs: number[] = [];
  const server = createServer(async (request, response) => {
    messages.push(await text(request));
    receivedAtMs.push(Date.now());
    response.end('ok');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The Slack stand-in has no port.');
  return {
    url: `http://127.0.0.1:${address.port}/hook`,
    messages,
    receivedAtMs,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
