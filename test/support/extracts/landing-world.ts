import type { ExtractFile } from '../../../infra/sandbox/data/extract-files.ts';
import { isoTime } from '../../../shared/clock.ts';
import { AddressExpiredError, DownloadFailedError } from '../../../shared/extracts/errors.ts';
import { LandedExtracts } from '../../../shared/extracts/landed-extracts.ts';
import { type LandingPorts, landExtract } from '../../../shared/extracts/landing/land-extract.ts';
import { SignedAddress } from '../../../shared/extracts/landing/listing.ts';
import { requestLandings, resumeLandings } from '../../../shared/extracts/landing/request-landing.ts';
import { silentLog } from '../../../shared/observability/log.ts';
import { systemRandomness } from '../../../shared/randomness.ts';
import { InMemoryLandingStore } from '../in-memory/landing-store.ts';
import { InMemoryObjectStore } from '../in-memory/object-store.ts';
import { InMemoryAlertQueue, InMemoryFetchQueue } from '../in-memory/queues.ts';

export const ACCOUNT = 'account-1';
export const REQUEST = 'request-1';
export const JOB = 'job-1';
const MINUTE_MS = 60_000;

/** What goes wrong with the next transfer of a file. */
export type TransferFault =
  | { kind: 'expired' }
  | { kind: 'cut'; afterBytes: number }
  /** The process dies: what it had in memory is gone. */
  | { kind: 'death'; afterBytes: number }
  | { kind: 'longer' }
  | { kind: 'shorter' };

export class DeathError extends Error {}

/** One account whose jobs have made files, and a worker that lands them; all in memory. */
export class LandingWorld {
  nowMs = Date.parse('2026-11-22T08:00:00.000Z');
  readonly landings = new InMemoryLandingStore();
  readonly store = new InMemoryObjectStore();
  readonly fetchQueue = new InMemoryFetchQueue({ now: () => this.nowMs });
  readonly alertQueue = new InMemoryAlertQueue();
  /** By job; undefined: Autodesk knows no listing. */
  readonly files = new Map<string, ExtractFile[]>();
  /** By the name of the file, in order. */
  readonly faults = new Map<string, TransferFault[]>();
  /** What happened: `list`, `ask NAME`, `get NAME from N`. */
  readonly events: string[] = [];
  /** Run before an event of this text, once. */
  readonly before = new Map<string, () => void>();
  /** The time a worker has for one message. */
  timeLeftMs = 300_000;
  /** What each part costs of it. */
  partCostsMs = 0;
  dies: DeathError | undefined;

  readonly ports: LandingPorts = {
    landings: this.landings,
    store: this.store,
    fetchQueue: this.fetchQueue,
    alertQueue: this.alertQueue,
    clock: { now: () => this.nowMs, sleep: () => Promise.resolve() },
    randomness: systemRandomness,
    log: silentLog,
    keepDays: 90,
    timeLeftMs: () => this.timeLeftMs,
    files: {
      listing: async (_accountId, jobId) => {
        this.happens('list');
        return this.files.get(jobId)?.map(({ name, size, saidSize }) => ({ name, size: saidSize ?? size }));
      },
      source: async (_accountId, jobId, name) => {
        this.happens(`ask ${name}`);
        const file = this.files.get(jobId)?.find((each) => each.name === name);
        if (file === undefined) return undefined;
        return { size: file.saidSize ?? file.size, address: new SignedAddress(`memory:${jobId}/${name}`) };
      },
    },
    download: { read: (address, from) => this.#read(address.reveal().slice('memory:'.length), from) },
  };

  happens(event: string): void {
    this.before.get(event)?.();
    this.before.delete(event);
    this.events.push(event);
  }

  /** The files of a job that has just ended, and its landing asked for. */
  async jobEnds(files: ExtractFile[], jobId = JOB, completionStatus = 'success'): Promise<void> {
    this.files.set(jobId, files);
    const completedAt = isoTime(this.nowMs);
    const job = { id: jobId, requestId: REQUEST, status: 'complete', completionStatus, completedAt };
    await requestLandings(ACCOUNT, [job], this.ports);
  }

  /** One worker takes one message; a process that dies leaves everything as it is. */
  async serve(jobId = JOB): Promise<void> {
    this.dies = undefined;
    await landExtract({ accountId: ACCOUNT, requestId: REQUEST, jobId }, this.#mortal());
  }

  /** Serves messages until there are none, the tick asks for none, and an hour brings nothing more. */
  async settle(hours = 3): Promise<void> {
    for (let minute = 0; minute < hours * 60; minute += 1) {
      for (const message of this.fetchQueue.waiting.splice(0)) {
        if (message.message.kind !== 'land-extract') continue;
        await this.serve(message.message.jobId).catch((error: unknown) => {
          if (!(error instanceof DeathError)) throw error;
        });
      }
      if ((await this.landings.open(ACCOUNT)).length === 0) return;
      this.nowMs += MINUTE_MS;
      await resumeLandings([ACCOUNT], this.ports);
    }
  }

  readonly landed = new LandedExtracts(this.store);

  /** The names of the files that a worker began to transfer, again and again where it did. */
  transfers(): string[] {
    return this.events.filter((event) => event.startsWith('get '));
  }

  /** After its death a process changes nothing any more. */
  #mortal(): LandingPorts {
    const alive = <Args extends unknown[], Result>(work: (...args: Args) => Promise<Result>) => {
      return async (...args: Args): Promise<Result> => {
        if (this.dies !== undefined) throw this.dies;
        return work(...args);
      };
    };
    const { landings, store } = this;
    return {
      ...this.ports,
      fetchQueue: { send: alive((message, delay) => this.fetchQueue.send(message, delay)) },
      landings: {
        open: alive((accountId) => landings.open(accountId)),
        isKnown: alive((accountId, jobId) => landings.isKnown(accountId, jobId)),
        save: alive((landing) => landings.save(landing)),
        end: alive((landing, rev) => landings.end(landing, rev)),
        ended: alive((accountId) => landings.ended(accountId)),
        advanceLatest: alive((landing) => landings.advanceLatest(landing)),
        look: alive((accountId) => landings.look(accountId)),
        keepLook: alive((accountId, look) => landings.keepLook(accountId, look)),
      },
      store: {
        put: alive((key, bytes) => store.put(key, bytes)),
        size: alive((key) => store.size(key)),
        read: (key) => store.read(key),
        folders: alive((prefix) => store.folders(prefix)),
        startUpload: alive((key) => store.startUpload(key)),
        uploadPart: alive(async (upload, part) => {
          this.timeLeftMs -= this.partCostsMs;
          this.nowMs += this.partCostsMs;
          return store.uploadPart(upload, part);
        }),
        completeUpload: alive((upload, tags) => store.completeUpload(upload, tags)),
        dropUpload: alive((upload) => store.dropUpload(upload)),
      },
    };
  }

  async *#read(path: string, from: number): AsyncIterable<Uint8Array> {
    const [jobId = '', name = ''] = path.split('/');
    this.happens(`get ${name} from ${from}`);
    const file = this.files.get(jobId)?.find((each) => each.name === name);
    const fault = this.faults.get(name)?.shift();
    if (file === undefined || fault?.kind === 'expired') throw new AddressExpiredError(403);
    let at = from;
    for (const chunk of file.read(from)) {
      at += chunk.length;
      if ((fault?.kind === 'cut' || fault?.kind === 'death') && at > fault.afterBytes) {
        if (fault.kind === 'cut') throw new DownloadFailedError('the connection was cut');
        this.dies = new DeathError('killed');
        throw this.dies;
      }
      yield fault?.kind === 'shorter' ? chunk.subarray(1) : chunk;
      if (fault?.kind === 'longer') yield chunk;
    }
  }
}

/** Drops every upload that is under way, as the lifecycle of a bucket does after a day. */
export function dropUploads({ store }: LandingWorld): void {
  store.uploads.clear();
}
