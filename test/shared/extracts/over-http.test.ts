import { createServer, type RequestListener, type Server } from 'node:http';
import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { largeFile, sha256Of, textFile } from '../../../infra/sandbox/data/extract-files.ts';
import type { Sandbox } from '../../../infra/sandbox/sandbox.ts';
import { systemClock } from '../../../shared/clock.ts';
import { DataConnectorFiles } from '../../../shared/extracts/landing/data-connector-files.ts';
import { HttpDownload } from '../../../shared/extracts/landing/download.ts';
import { landExtract } from '../../../shared/extracts/landing/land-extract.ts';
import { SignedAddress } from '../../../shared/extracts/landing/listing.ts';
import { requestLandings } from '../../../shared/extracts/landing/request-landing.ts';
import { parseJson } from '../../../shared/json.ts';
import { standingClock, startConnected } from '../../infra/sandbox/sandboxes.ts';
import { LandingWorld } from '../../support/extracts/landing-world.ts';

const MIB = 1024 * 1024;
const SECRET = 'planted-signature-6d0f2c9b';
const download = new HttpDownload(fetch, systemClock, () => {});

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
});

async function serve(listener: RequestListener): Promise<string> {
  const listening = createServer(listener);
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  const address = listening.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/file?X-Amz-Signature=${SECRET}`;
}

async function read(url: string, from = 0): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of download.read(new SignedAddress(url), from)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

async function failureOf(work: Promise<unknown>): Promise<{ code: string }> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(inspect(error, { depth: 9 })).not.toContain(SECRET);
  if (error instanceof Error && 'code' in error) return { code: String(error.code) };
  throw new Error('It did not fail as expected.', { cause: error });
}

describe('a download from a signed address', () => {
  it('sends no token and no header of ours', async () => {
    let headers = {};
    const url = await serve((message, response) => {
      ({ headers } = message);
      response.end('content');
    });

    expect(await read(url)).toBe('content');
    expect(headers).toEqual({
      ...{ accept: '*/*', 'accept-encoding': 'identity', 'accept-language': '*', connection: 'keep-alive' },
      ...{ host: expect.any(String), 'sec-fetch-mode': 'cors', 'user-agent': 'node' },
    });
  });

  it.each([
    ['answers with the rest', true],
    ['sends all of it once more', false],
  ])('goes on in the middle where the server %s', async (_what, isRest) => {
    const url = await serve((message, response) => {
      expect(message.headers.range).toBe('bytes=3-');
      if (isRest) response.writeHead(206, { 'content-range': 'bytes 3-6/7' }).end('tent');
      else response.end('content');
    });

    expect(await read(url, 3)).toBe('tent');
  });

  it.each([
    [403, 'ADDRESS_EXPIRED'],
    [410, 'ADDRESS_EXPIRED'],
    [302, 'DOWNLOAD_FAILED'],
    [500, 'DOWNLOAD_FAILED'],
    [206, 'DOWNLOAD_FAILED'],
  ])('takes a %i for %s', async (status, code) => {
    const url = await serve((_message, response) => {
      response.writeHead(status, { location: '/elsewhere' }).end('no file');
    });
    expect(await failureOf(read(url))).toEqual({ code });
  });

  it('fails when the connection is cut, and tells no address', async () => {
    const url = await serve((_message, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('a part', () => response.destroy());
    });
    expect(await failureOf(read(url))).toEqual({ code: 'DOWNLOAD_FAILED' });
    expect(await failureOf(read(`http://127.0.0.1:1/?X-Amz-Signature=${SECRET}`))).toEqual({
      code: 'DOWNLOAD_FAILED',
    });
  });

  it('gives up a transfer that brings nothing for half a minute', async () => {
    const url = await serve((_message, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('a part');
    });
    const hurried = {
      now: () => 0,
      sleep: (_ms: number, signal?: AbortSignal) => systemClock.sleep(300, signal),
    };
    const impatient = new HttpDownload(fetch, hurried, () => {});
    const chunks = impatient.read(new SignedAddress(url), 0)[Symbol.asyncIterator]();
    expect(Buffer.from((await chunks.next()).value ?? []).toString()).toBe('a part');
    expect(await failureOf(chunks.next())).toEqual({ code: 'DOWNLOAD_FAILED' });
  });

  it.each([
    'http://files.example.com/x',
    'ftp://127.0.0.1/x',
    'https://user:pass@files.example.com/x',
    'no address',
  ])('is not begun from %s', async (url) => {
    expect(await failureOf(read(`${url}?s=${SECRET}`))).toEqual({ code: 'UNTRUSTED_ADDRESS' });
  });
});

describe('landing from the sandbox over HTTP', () => {
  /** A worker whose Autodesk is the sandbox; everything that it logs and stores is kept to be looked at. */
  async function start() {
    const clock = standingClock();
    const { sandbox, client } = await startConnected({ clock });
    const world = new LandingWorld();
    world.nowMs = clock.nowMs;
    const logged: unknown[] = [];
    const remember = (message: string, fields?: object) => logged.push([message, fields]);
    const document = async (_api: string, path: string) => {
      const { status, text } = await client.get(path);
      return status === 404 ? undefined : parseJson(text);
    };
    const ports = {
      ...world.ports,
      download,
      files: new DataConnectorFiles({ document }),
      log: { info: remember, warn: remember, error: remember, debug: remember },
    };
    const job = sandbox.data
      .records('data-connector-jobs')
      .find(({ completionStatus }) => completionStatus === 'success');
    const { id, requestId, accountId } = { id: '', requestId: '', accountId: '', ...job };
    const extract = { accountId: String(accountId), requestId: String(requestId), jobId: String(id) };
    await requestLandings(extract.accountId, [{ ...job, completedAt: '2026-11-20T09:00:00.000Z' }], ports);
    const land = async () => {
      await landExtract(extract, ports);
      return (await world.landings.open(extract.accountId))[0]?.error?.code;
    };
    const kept = async () =>
      JSON.stringify([
        logged,
        await world.landings.open(extract.accountId),
        await world.landings.ended(extract.accountId),
        world.fetchQueue.waiting,
        [...world.store.files].map(([key, bytes]) => [key, bytes.subarray(0, 100_000).toString('latin1')]),
      ]);
    return { sandbox, clock, world, extract, land, kept, token: client.accessToken };
  }

  const downloadsOf = (sandbox: Sandbox) => sandbox.extracts.server.journal;

  it('lands all that the job has made, with sizes as numbers and as texts', async () => {
    const { sandbox, world, extract, land, kept, token } = await start();
    const large = largeFile('large.csv', 20 * MIB);
    sandbox.extracts.files.put(extract.jobId, large);
    expect(await land()).toBeUndefined();

    const manifest = await world.landed.find(extract);
    const files = sandbox.extracts.files.of(extract.jobId).filter(({ name }) => !name.endsWith('.zip'));
    expect(manifest?.files.toSorted((a, b) => (a.name < b.name ? -1 : 1))).toEqual(
      files
        .map((file) => ({ name: file.name, size: file.size, sha256: sha256Of(file) }))
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
    );
    for (const { headers } of downloadsOf(sandbox)) expect(headers).not.toContain('authorization');
    const all = await kept();
    expect(all).not.toContain('X-Amz-Signature');
    expect(all).not.toContain(token);
  });

  it.each([
    ['expired', { kind: 'expired', status: 410, on: /large/ } as const, undefined],
    ['cut', { kind: 'cut', afterBytes: 12 * MIB, on: /large/ } as const, undefined],
    [
      'redirected once',
      { kind: 'redirect', location: 'http://127.0.0.1:1/', on: /large/ } as const,
      undefined,
    ],
    ['too short', { kind: 'wrong-length', bytes: 100, on: /large/ } as const, 'SIZE_MISMATCH'],
    ['too long', { kind: 'wrong-length', bytes: 30 * MIB, on: /large/ } as const, 'SIZE_MISMATCH'],
  ])(
    'lands in the end a file whose download was %s, and keeps no address anywhere',
    async (_what, fault, code) => {
      const { sandbox, world, extract, land, kept } = await start();
      const large = largeFile('large.csv', 20 * MIB);
      sandbox.extracts.files.put(extract.jobId, large);
      sandbox.extracts.server.faults.push(fault);
      expect(await land()).toBe(code);
      world.nowMs += 120_000;
      expect(await land()).toBeUndefined();

      expect((await world.landed.find(extract))?.files.find(({ name }) => name === large.name)?.sha256).toBe(
        sha256Of(large),
      );
      expect(await kept()).not.toContain('X-Amz-Signature');
    },
  );

  it('gets no file from an address that is older than 60 seconds, nor with a token', async () => {
    const { sandbox, clock, extract, token } = await start();
    const url = sandbox.extracts.server.sign(extract.jobId, 'README.html');
    expect((await fetch(url)).status).toBe(200);
    expect((await fetch(url, { headers: { authorization: `Bearer ${token}` } })).status).toBe(400);
    clock.nowMs += 60_001;
    expect((await fetch(url)).status).toBe(403);
  });

  it('notes a job whose listing Autodesk does not have', async () => {
    const { sandbox, world, extract, land } = await start();
    sandbox.data.changeQuietly('data-connector-jobs', extract.jobId, { completionStatus: 'cancelled' });
    expect(await land()).toBe('NO_LISTING');
    world.nowMs += 120_000;
    await land();
    expect(await world.landings.ended(extract.accountId)).toMatchObject([{ outcome: 'nothing' }]);
  });

  it('shows a file that a test puts there', async () => {
    const { sandbox, extract } = await start();
    sandbox.extracts.files.put(extract.jobId, textFile('README.html', 'new'));
    expect(sandbox.extracts.files.find(extract.jobId, 'README.html')?.size).toBe(3);
  });
});
