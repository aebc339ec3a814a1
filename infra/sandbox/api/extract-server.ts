import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Clock } from '../../../shared/clock.ts';
import type { Randomness } from '../../../shared/randomness.ts';
import type { ExtractFile, ExtractFiles } from '../data/extract-files.ts';

/** An address has to be used so soon: the transfer may take longer. */
const ADDRESS_LASTS_MS = 60_000;

/** What goes wrong with a download; each strikes once, the first whose name matches. */
export type DownloadFault =
  /** The address is refused, as one whose time is over. */
  | { kind: 'expired'; on: RegExp; status: 403 | 410 }
  /** The connection is cut in the middle. */
  | { kind: 'cut'; on: RegExp; afterBytes: number }
  /** Fewer or more bytes than the file has, as if they were all. */
  | { kind: 'wrong-length'; on: RegExp; bytes: number }
  | { kind: 'redirect'; on: RegExp; location: string };

/** A download that was asked for. */
export interface DownloadEntry {
  jobId: string;
  name: string;
  range: string | undefined;
  status: number;
  /** The names of the headers that came with it. */
  headers: string[];
}

interface Issued {
  jobId: string;
  name: string;
  untilMs: number;
}

/** Where the files of jobs are downloaded: another address than the API, for whoever has a signed one. */
export class ExtractServer {
  readonly server: Server;
  readonly journal: DownloadEntry[] = [];
  readonly faults: DownloadFault[] = [];
  /** Where it listens; set when it does. */
  origin = '';
  readonly #files: ExtractFiles;
  readonly #clock: Clock;
  readonly #randomness: Randomness;
  readonly #issued = new Map<string, Issued>();

  constructor(files: ExtractFiles, clock: Clock, randomness: Randomness) {
    this.#files = files;
    this.#clock = clock;
    this.#randomness = randomness;
    this.server = createServer((message, response) => {
      this.#serve(message, response).catch(() => message.socket.destroy());
    });
  }

  /** A signed address that is good for 60 seconds. */
  sign(jobId: string, name: string): string {
    const signature = this.#randomness.hex(32);
    this.#issued.set(signature, { jobId, name, untilMs: this.#clock.now() + ADDRESS_LASTS_MS });
    const path = `/extracts/${encodeURIComponent(jobId)}/${encodeURIComponent(name)}`;
    return `${this.origin}${path}?X-Amz-Expires=60&X-Amz-Signature=${signature}`;
  }

  async #serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const { searchParams } = new URL(message.url ?? '/', 'http://extracts');
    const issued = this.#issued.get(searchParams.get('X-Amz-Signature') ?? '');
    const { jobId = '', name = '' } = issued ?? {};
    const { range } = message.headers;
    const entry = { jobId, name, range, status: 0, headers: Object.keys(message.headers) };
    this.journal.push(entry);
    const refuse = (status: number, headers = {}) => {
      entry.status = status;
      response.writeHead(status, headers).end();
    };
    const file = this.#files.find(jobId, name);
    const fault = this.#strike(name);
    // As S3 does: one way to prove who asks is enough, two are an error.
    if (message.headers.authorization !== undefined) return refuse(400);
    if (fault?.kind === 'expired') return refuse(fault.status);
    if (fault?.kind === 'redirect') return refuse(302, { location: fault.location });
    if (file === undefined || issued === undefined || issued.untilMs < this.#clock.now()) return refuse(403);
    const from = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
    entry.status = from > 0 ? 206 : 200;
    await send(response, file, from, fault);
  }

  #strike(name: string): DownloadFault | undefined {
    const index = this.faults.findIndex(({ on }) => on.test(name));
    return index < 0 ? undefined : this.faults.splice(index, 1)[0];
  }
}

async function send(
  response: ServerResponse,
  file: ExtractFile,
  from: number,
  fault: DownloadFault | undefined,
): Promise<void> {
  const size = fault?.kind === 'wrong-length' ? fault.bytes : file.size;
  response.writeHead(from > 0 ? 206 : 200, {
    'content-type': 'binary/octet-stream',
    'content-length': size - from,
    ...(from > 0 && { 'content-range': `bytes ${from}-${size - 1}/${size}` }),
  });
  if (fault?.kind === 'cut') {
    response.write(Buffer.concat([...piecesOf(file, from, fault.afterBytes)]), () => response.destroy());
  } else {
    await pipeline(Readable.from(piecesOf(file, from, size)), response);
  }
}

/** The bytes of a file up to `end`, with nothings behind it where `end` is later. */
function* piecesOf(file: ExtractFile, from: number, end: number): Iterable<Buffer> {
  let at = from;
  for (const chunk of file.read(from)) {
    const piece = chunk.subarray(0, Math.max(0, end - at));
    if (piece.length > 0) yield piece;
    at += piece.length;
    if (at === end) return;
  }
  yield Buffer.alloc(end - at);
}
