import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Clock } from '../../shared/clock.ts';
import type { PageFault } from './api/list-pages.ts';
import { answerOf, type Fault, type Faults } from './faults.ts';
import type { Journal, JournalEntry } from './http/journal.ts';
import { json, type SandboxRequest, type SandboxResponse } from './http/response.ts';

const MAXIMUM_BODY_BYTES = 1024 * 1024;

export interface HttpServerPorts {
  clock: Clock;
  latencyMs: number;
  faults: Faults;
  journal: Journal;
  answer: (
    request: SandboxRequest,
    entry: JournalEntry,
    fault: PageFault | undefined,
  ) => Promise<SandboxResponse>;
  /** Called when an answer is about to be sent. */
  beforeResponse: () => void;
}

/** Takes requests, lets faults strike them, has them answered and writes them down in the journal. */
export function createHttpServer(ports: HttpServerPorts): Server {
  const { clock, faults, journal } = ports;

  async function handle(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, search } = new URL(message.url ?? '/', 'http://sandbox');
    const method = message.method ?? 'GET';
    const entry = journal.arrived(method, pathname, search.slice(1));
    response.once('close', () => journal.ended());
    const { fault, latencyMs, held } = faults.strike(`${method} ${pathname}?${readable(search.slice(1))}`);
    const body = await readBody(message);
    if (latencyMs + ports.latencyMs > 0) await clock.sleep(latencyMs + ports.latencyMs);
    await held;
    if (fault?.kind === 'connection-reset' || body === undefined) return cut(message);

    const standIn = fault === undefined ? undefined : answerOf(fault, pathname, clock.now());
    const answer = standIn ?? (await ports.answer(requestOf(message, body), entry, pageFaultOf(fault)));
    ports.beforeResponse();
    if (fault?.kind === 'answer-lost') return cut(message);
    journal.answered(entry, answer);
    send(response, answer, clock.now(), fault);
  }

  return createServer((message, response) => {
    handle(message, response).catch((error: unknown) => {
      // A defect of the sandbox itself: say so, or a test looks for it in the wrong place.
      console.error('The sandbox failed to answer:', error);
      cut(message);
    });
  });
}

function requestOf(message: IncomingMessage, body: string): SandboxRequest {
  const { pathname, searchParams } = new URL(message.url ?? '/', 'http://sandbox');
  return {
    method: message.method ?? 'GET',
    path: readable(pathname),
    query: searchParams,
    authorization: message.headers.authorization,
    contentType: message.headers['content-type'] ?? '',
    body,
  };
}

/** The body, or undefined where it is larger than any that Autodesk is sent, or the caller hung up. */
async function readBody(message: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of message) {
      const buffer = Buffer.from(chunk);
      bytes += buffer.length;
      if (bytes > MAXIMUM_BODY_BYTES) return undefined;
      chunks.push(buffer);
    }
  } catch (error) {
    if (!message.complete) return undefined;
    throw error;
  }
  return Buffer.concat(chunks).toString();
}

function send(
  response: ServerResponse,
  answer: SandboxResponse,
  nowMs: number,
  fault: Fault | undefined,
): void {
  const whole = Buffer.from(answer.body);
  const half = whole.subarray(0, Math.floor(whole.length / 2));
  const body = fault?.kind === 'truncated-body' ? half : whole;
  response.writeHead(answer.status, {
    ...answer.headers,
    date: new Date(nowMs).toUTCString(),
    'content-length': body.length,
  });
  if (fault?.kind === 'broken-off') response.write(half, () => response.destroy());
  else response.end(body);
}

function cut(message: IncomingMessage): void {
  message.socket.resetAndDestroy();
}

function pageFaultOf(fault: Fault | undefined): PageFault | undefined {
  switch (fault?.kind) {
    case 'short-page':
    case 'empty-page':
    case 'repeated-cursor':
      return fault;
    default:
      return undefined;
  }
}

/** Decoded where that is possible. */
function readable(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** What an address that no API has is answered with. */
export function unknownAddress(): SandboxResponse {
  return json(404, { developerMessage: 'The requested resource does not exist.', errorCode: 'NOT-FOUND' });
}

/** Listens on this machine; 0 is any free port. Answers the origin. */
export function listen(server: Server, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      const address = server.address();
      if (address === null || typeof address === 'string') reject(new Error('The sandbox has no port.'));
      else resolve(`http://127.0.0.1:${address.port}`);
    });
  });
}

export function closeServer(server: Server): Promise<void> {
  if (!server.listening) return Promise.resolve();
  return new Promise((resolve, reject) => {
    server.close((error) => (error === undefined ? resolve() : reject(error)));
    server.closeAllConnections();
  });
}
