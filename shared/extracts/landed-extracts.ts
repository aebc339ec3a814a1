import { mapConcurrently } from '../concurrency.ts';
import { FileMissingError } from './errors.ts';
import {
  EXTRACTS,
  type ExtractId,
  fileKey,
  latestExtract,
  latestKey,
  type Manifest,
  manifest,
  manifestKey,
} from './manifest.ts';
import { type ObjectStore, readText } from './object-store.ts';

/** Requests whose manifests are read at once. */
const AT_ONCE = 8;

/** The landed extracts as readers see them: complete ones only, checked by their manifests. */
export class LandedExtracts {
  readonly #store: Pick<ObjectStore, 'read' | 'folders'>;

  constructor(store: Pick<ObjectStore, 'read' | 'folders'>) {
    this.#store = store;
  }

  /** The last landed extract of each request, by account and request. */
  async latest(): Promise<Manifest[]> {
    const requests: { accountId: string; requestId: string }[] = [];
    for (const accountId of await this.#store.folders(EXTRACTS)) {
      const ids = await this.#store.folders(`${EXTRACTS}${accountId}/`);
      requests.push(...ids.map((requestId) => ({ accountId, requestId })));
    }
    const found = await mapConcurrently(requests, AT_ONCE, (request) => this.latestOf(request));
    return found.filter((extract) => extract !== undefined);
  }

  /** Undefined where nothing of the request has been landed, or what was has expired. */
  async latestOf(request: Pick<ExtractId, 'accountId' | 'requestId'>): Promise<Manifest | undefined> {
    const text = await this.#text(latestKey(request));
    return text === undefined ? undefined : this.find(latestExtract.parse(JSON.parse(text)));
  }

  /** Undefined where the job has not been landed, or what was has expired. */
  async find(extract: ExtractId): Promise<Manifest | undefined> {
    const text = await this.#text(manifestKey(extract));
    return text === undefined ? undefined : manifest.parse(JSON.parse(text));
  }

  /** The bytes of a file that a manifest names. Throws `FileMissingError` where it has expired since. */
  open(extract: ExtractId, name: string): AsyncIterable<Uint8Array> {
    return this.#store.read(fileKey(extract, name));
  }

  async #text(key: string): Promise<string | undefined> {
    try {
      return await readText(this.#store, key);
    } catch (error) {
      if (error instanceof FileMissingError) return undefined;
      throw error;
    }
  }
}
