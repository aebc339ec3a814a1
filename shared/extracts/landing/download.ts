import { isPrivate } from '../../addresses.ts';
import type { Clock } from '../../clock.ts';
import { AddressExpiredError, DownloadFailedError, UntrustedAddressError } from '../errors.ts';
import type { SignedAddress } from './listing.ts';

/**
 * The bytes behind a signed address, from one of them on. Throws `AddressExpiredError`, `DownloadFailedError`, or
 * `UntrustedAddressError`; at the first byte or at any later one.
 */
export interface Download {
  read(address: SignedAddress, fromByte: number): AsyncIterable<Uint8Array>;
}

const FREE_EVERY_BYTES = 2 * 1024 * 1024;
/** A transfer that brings nothing for so long has broken. */
const SILENCE_MS = 30_000;

/**
 * Downloads over HTTP: without a token and without any header of ours but the range, over https (or on this machine),
 * and straight: a redirect is an error. What it throws never holds the address.
 */
export class HttpDownload implements Download {
  readonly #fetch: typeof globalThis.fetch;
  readonly #clock: Clock;
  readonly #freeBuffers: () => void;

  /** `freeBuffers` is called after every few MiB. */
  constructor(fetch: typeof globalThis.fetch, clock: Clock, freeBuffers: () => void) {
    this.#fetch = fetch;
    this.#clock = clock;
    this.#freeBuffers = freeBuffers;
  }

  async *read(address: SignedAddress, fromByte: number): AsyncIterable<Uint8Array> {
    const url = URL.parse(address.reveal());
    if (url === null || !isPrivate(url) || url.username !== '' || url.password !== '') {
      throw new UntrustedAddressError();
    }
    const over = new AbortController();
    try {
      const response = await this.#within(over, 'no answer', () =>
        this.#fetch(url, {
          // Compressed on the way, the length would not be that of the file.
          headers: {
            'accept-encoding': 'identity',
            ...(fromByte > 0 && { range: `bytes=${fromByte}-` }),
          },
          redirect: 'manual',
          signal: over.signal,
        }),
      );
      yield* this.#bytes(response, fromByte, over);
    } finally {
      over.abort();
    }
  }

  async *#bytes(response: Response, fromByte: number, over: AbortController): AsyncIterable<Uint8Array> {
    const { status, body } = response;
    if (status === 403 || status === 410) throw new AddressExpiredError(status);
    const isRest = status === 206 && response.headers.get('content-range')?.startsWith(`bytes ${fromByte}-`);
    if ((status !== 200 && isRest !== true) || body === null) throw new DownloadFailedError(`HTTP ${status}`);
    // A server may send all of a file though the rest was asked for.
    let toSkip = isRest ? 0 : fromByte;
    const reader = body.getReader();
    let unfreed = 0;
    for (;;) {
      const { done, value } = await this.#within(over, 'the connection was cut', () => reader.read());
      if (done) return;
      unfreed += value.length;
      if (unfreed >= FREE_EVERY_BYTES) {
        this.#freeBuffers();
        unfreed = 0;
      }
      if (toSkip >= value.length) {
        toSkip -= value.length;
        continue;
      }
      yield toSkip > 0 ? value.subarray(toSkip) : value;
      toSkip = 0;
    }
  }

  async #within<Result>(
    over: AbortController,
    failure: string,
    work: () => Promise<Result>,
  ): Promise<Result> {
    const noLonger = new AbortController();
    const silence = this.#clock.sleep(SILENCE_MS, noLonger.signal).then(
      () => over.abort(),
      () => {},
    );
    try {
      return await work();
    } catch {
      // The cause may hold the address.
      throw new DownloadFailedError(failure);
    } finally {
      noLonger.abort();
      await silence;
    }
  }
}
