import { RateLimitedError } from '../../autodesk/http/errors.ts';
import { type Clock, isoTime } from '../../clock.ts';
import { dispositionOf, reportFailure } from '../../errors.ts';
import type { Log } from '../../observability/log.ts';
import type { AlertQueue, FetchQueue } from '../../queue/messages.ts';
import type { Randomness } from '../../randomness.ts';
import { LandingTakenError, ListingChangedError, NoListingError, SizeMismatchError } from '../errors.ts';
import {
  type ExtractId,
  fileKey,
  type LandedFile,
  type LatestExtract,
  latestKey,
  type Manifest,
  manifestKey,
  type RefusedFile,
} from '../manifest.ts';
import { type FilePorts, landFile } from './land-file.ts';
import {
  AUTODESK_KEEPS_MS,
  type EndedLanding,
  hasGivenUp,
  isLandingDue,
  isLandingLeased,
  keptUntil,
  type LandingStore,
  type OpenLanding,
  type OpenUpload,
  waitAfter,
} from './landing.ts';
import { chooseFiles, type ListedFile } from './listing.ts';

export interface LandingPorts extends FilePorts {
  landings: LandingStore;
  fetchQueue: FetchQueue;
  alertQueue: AlertQueue;
  clock: Clock;
  randomness: Randomness;
  log: Log;
  /** How long this worker may still go on, in milliseconds. */
  timeLeftMs(): number;
  /** For how many days landed files are kept. */
  keepDays: number;
}

const LEASE_MS = 60_000;
/** Progress is stored, and with it the lease renewed, after so long or so many bytes. */
const STORE_EVERY_MS = 15_000;
const STORE_EVERY_BYTES = 64 * 1024 * 1024;
/** Enough for a part of a large file, or for a whole small one, over a slow connection. */
const TIME_FOR_A_STEP_MS = 40_000;
/** While a person has to sign in. */
const CONSENT_WAIT_MS = 15 * 60_000;

/**
 * Lands the files of a job whose landing is open and due: each file, then the manifest, then the pointer of its
 * request. One landing of an account at a time, so that neither memory nor workers are taken up by many; whoever ends
 * one asks for the next. Goes on where it was, in a message of its own when the time is up. Idempotent. What fails is
 * settled in the landing: it is tried again later, and people are told after five failures.
 */
export async function landExtract(extract: ExtractId, ports: LandingPorts): Promise<void> {
  const { landings, clock } = ports;
  const open = await landings.open(extract.accountId);
  const landing = open.find(({ jobId }) => jobId === extract.jobId);
  const now = clock.now();
  if (landing === undefined || !isLandingDue(landing, now)) return;
  if (open.some((other) => isLandingLeased(other, now))) return;
  const owner = ports.randomness.hex(8);
  const taken = await landings.save({ ...landing, lease: { owner, untilMs: now + LEASE_MS } });
  if (taken === undefined) return;
  await new HeldLanding(taken, ports).work();
  await askForNext(extract.accountId, ports);
}

async function askForNext(accountId: string, ports: LandingPorts): Promise<void> {
  const now = ports.clock.now();
  const due = (await ports.landings.open(accountId)).filter((landing) => isLandingDue(landing, now));
  const [next] = due.sort((a, b) => (a.endedAt < b.endedAt ? 1 : -1));
  if (next !== undefined) await ports.fetchQueue.send(messageFor(next));
}

export function messageFor({ accountId, requestId, jobId }: ExtractId) {
  return { kind: 'land-extract', accountId, requestId, jobId } as const;
}

/** A landing that this worker has the lease of. */
class HeldLanding {
  #landing: OpenLanding;
  #storedAtMs: number;
  #storedParts = 0;
  readonly #ports: LandingPorts;

  constructor(landing: OpenLanding, ports: LandingPorts) {
    this.#landing = landing;
    this.#ports = ports;
    this.#storedAtMs = ports.clock.now();
  }

  async work(): Promise<void> {
    try {
      await this.#land().catch((error: unknown) => {
        if (error instanceof LandingTakenError) throw error;
        return this.#settle(error);
      });
    } catch (error) {
      if (!(error instanceof LandingTakenError)) throw error;
    }
  }

  async #land(): Promise<void> {
    const { files, refused } = await this.#listing();
    if (files.length === 0) {
      return this.#end('nothing', { refused, reason: 'The job has no files to land.' });
    }
    const done: LandedFile[] = [];
    for (const file of files) {
      const known = await this.#landedBefore(file);
      if (known !== undefined) {
        done.push(known);
        continue;
      }
      const outcome = await landFile(this.#landing, file, this.#uploadOf(file), this.#progress, this.#ports);
      if (outcome.kind === 'out-of-time') return this.#giveBack();
      done.push(outcome.file);
      await this.#fileLanded(outcome.file);
      if (!this.#hasTime() && done.length < files.length) return this.#giveBack();
    }
    // A manifest is of one listing, not of half an old and half a new one.
    const after = await this.#listing();
    if (JSON.stringify(after.files) !== JSON.stringify(files)) throw new ListingChangedError();
    await this.#publish(done, refused);
    await this.#end('landed', { files: done, refused });
  }

  async #listing(): Promise<{ files: ListedFile[]; refused: RefusedFile[] }> {
    const { accountId, jobId, attempts } = this.#landing;
    const listed = await this.#ports.files.listing(accountId, jobId);
    // Believed the second time: an account may take moments to show what it has just made.
    if (listed === undefined && attempts === 0) throw new NoListingError();
    const { files, refused } = chooseFiles(listed ?? []);
    return { files: files.sort((a, b) => (a.name < b.name ? -1 : 1)), refused };
  }

  async #landedBefore({ name, size }: ListedFile): Promise<LandedFile | undefined> {
    const known = this.#landing.files.find((file) => file.name === name);
    if (known === undefined || (size !== undefined && size !== known.size)) return undefined;
    const stored = await this.#ports.store.size(fileKey(this.#landing, name));
    return stored === known.size ? known : undefined;
  }

  #uploadOf({ name }: ListedFile): OpenUpload | undefined {
    const { upload } = this.#landing;
    return upload?.name === name ? upload : undefined;
  }

  readonly #progress = {
    partStored: async (upload: OpenUpload): Promise<boolean> => {
      // Kept in memory, too: what fails afterwards is stored with all that was reached.
      this.#landing = { ...this.#landing, upload };
      const parts = upload.tags.length;
      const isDue =
        parts === 1 ||
        (parts - this.#storedParts) * upload.partBytes >= STORE_EVERY_BYTES ||
        this.#ports.clock.now() - this.#storedAtMs >= STORE_EVERY_MS;
      const goesOn = this.#hasTime();
      if (isDue || !goesOn) {
        await this.#save(this.#landing);
        this.#storedParts = parts;
      }
      return goesOn;
    },
  };

  async #fileLanded(file: LandedFile): Promise<void> {
    const { upload: _done, ...landing } = this.#landing;
    this.#storedParts = 0;
    await this.#save({
      ...landing,
      files: [...landing.files.filter(({ name }) => name !== file.name), file],
    });
  }

  async #publish(files: LandedFile[], refused: RefusedFile[]): Promise<void> {
    const { accountId, requestId, jobId, endedAt } = this.#landing;
    const manifest: Manifest = { accountId, requestId, jobId, endedAt, files, refused };
    await this.#putJson(manifestKey(manifest), manifest);
    for (;;) {
      const latest = await this.#ports.landings.advanceLatest(this.#landing);
      const pointer: LatestExtract = { accountId, requestId, jobId: latest.jobId, endedAt: latest.endedAt };
      await this.#putJson(latestKey(pointer), pointer);
      // A later job may have been landed in between, and its pointer just been written over.
      if ((await this.#ports.landings.advanceLatest(this.#landing)).jobId === latest.jobId) return;
    }
  }

  async #putJson(key: string, value: Manifest | LatestExtract): Promise<void> {
    await this.#ports.store.put(key, [Buffer.from(`${JSON.stringify(value, null, 2)}\n`)]);
  }

  /** Anybody may take it up, at once. */
  async #giveBack(): Promise<void> {
    const { lease: _free, ...landing } = this.#landing;
    await this.#save({ ...landing, dueAt: isoTime(this.#ports.clock.now()) });
    await this.#ports.fetchQueue.send(messageFor(landing));
  }

  async #settle(failure: unknown): Promise<void> {
    const { clock, log, alertQueue } = this.#ports;
    if (failure instanceof SizeMismatchError) await this.#dropUpload();
    const { lease: _free, ...landing } = this.#landing;
    const later = (ms: number) => isoTime(clock.now() + ms);
    const error = reportFailure(failure);
    const { accountId, jobId } = landing;
    if (failure instanceof RateLimitedError) {
      await this.#save({ ...landing, dueAt: later(failure.retryAfterMs) });
      return;
    }
    if (dispositionOf(failure) === 'consent') {
      await this.#save({ ...landing, dueAt: later(CONSENT_WAIT_MS) });
      return;
    }
    if (clock.now() - Date.parse(landing.endedAt) > AUTODESK_KEEPS_MS) {
      log.error('extract lost', { accountId, jobId, code: error.code });
      await this.#end('lost', { reason: error.message, files: landing.files });
      return;
    }
    const attempts = landing.attempts + 1;
    log.warn('extract not landed', { accountId, jobId, attempts, code: error.code });
    await this.#save({ ...landing, attempts, error, dueAt: later(waitAfter(attempts)) });
    if (hasGivenUp({ attempts })) await alertQueue.send({ kind: 'evaluate' });
  }

  /** What was transferred of a file of another length is of another file, and must not be gone on with. */
  async #dropUpload(): Promise<void> {
    const { upload, ...landing } = this.#landing;
    if (upload === undefined) return;
    const { name, uploadId } = upload;
    await this.#save(landing);
    await this.#ports.store.dropUpload({ key: fileKey(landing, name), uploadId });
  }

  async #end(
    outcome: EndedLanding['outcome'],
    what: { files?: LandedFile[]; refused?: RefusedFile[]; reason?: string },
  ): Promise<void> {
    const { landings, clock, log } = this.#ports;
    const { accountId, requestId, jobId, endedAt, rev } = this.#landing;
    const { files = [], refused = [] } = what;
    const now = clock.now();
    const when = { at: isoTime(now), keptUntil: keptUntil(now, this.#ports.keepDays) };
    await landings.end(
      {
        accountId,
        requestId,
        jobId,
        endedAt,
        ...when,
        outcome,
        files,
        refused,
        ...(what.reason && { reason: what.reason }),
      },
      rev,
    );
    const bytes = files.reduce((sum, { size }) => sum + size, 0);
    log.info('extract ended', {
      accountId,
      jobId,
      outcome,
      files: files.length,
      bytes,
      refused: refused.length,
    });
  }

  #hasTime(): boolean {
    return this.#ports.timeLeftMs() > TIME_FOR_A_STEP_MS;
  }

  /** Throws `LandingTakenError` where another worker has it. A lease that it has is renewed. */
  async #save(landing: OpenLanding): Promise<void> {
    const now = this.#ports.clock.now();
    const lease = landing.lease && { lease: { ...landing.lease, untilMs: now + LEASE_MS } };
    const saved = await this.#ports.landings.save({ ...landing, ...lease });
    if (saved === undefined) throw new LandingTakenError();
    this.#landing = saved;
    this.#storedAtMs = now;
  }
}
