import { Readable } from 'node:stream';
import { type BuildAppOptions, buildApp } from 'fauxqs';
import { LandedObjects } from './landed-objects.ts';
import { LANDED_BUCKET } from './landed-store.ts';
import { LOCAL_REGION, type LocalQueue, QUEUES, queueArn, TOPIC_ARN, TOPIC_NAME } from './queues.ts';

export interface RunningFauxqs {
  /** `http://127.0.0.1:<port>` */
  endpoint: string;
  stop(): Promise<void>;
}

/** Of one request. */
const MOST_BYTES = 64 * 1024 * 1024;

type Stores = NonNullable<BuildAppOptions['stores']>;
type Queue = ReturnType<Stores['sqsStore']['createQueue']>;
type Journal = NonNullable<Stores['sqsStore']['persistence']>;

/**
 * Starts the embedded SQS, SNS and S3 on a free port of 127.0.0.1 with the queues and the topic of the stack, in
 * memory or, with `path`, on a folder whose messages survive the death of the process; with `landed`, also with the
 * bucket for landed extracts, whose objects lie in that folder. It works in the calling thread.
 *
 * Messages that a dead process had in hand are visible again at once: nothing waits for a visibility timeout.
 */
export async function startFauxqs(options: { path?: string; landed?: string } = {}): Promise<RunningFauxqs> {
  const stores = await createStores();
  const journal = options.path === undefined ? undefined : await openJournal(options.path, stores);
  for (const queue of Object.values(QUEUES)) ensureQueue(stores, queue);
  releaseInFlight(stores);
  for (const queue of stores.sqsStore.allQueues()) receiveWholeGroups(queue);
  subscribeEmails(stores);
  if (options.landed !== undefined) await keepOnDisk(stores.s3Store, options.landed);

  const app = buildApp({ logger: false, defaultRegion: LOCAL_REGION, stores });
  // By itself the package takes less than a part of a very large file.
  app.removeContentTypeParser('*');
  app.addContentTypeParser(
    '*',
    { parseAs: 'buffer', bodyLimit: MOST_BYTES },
    async (_request: unknown, body: Buffer) => body,
  );
  // The package's handlers end before a stream begins, and what it has under it would take that for an empty answer.
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (payload instanceof Readable) reply.hijack();
    done();
  });
  const endpoint = await app.listen({ port: 0, host: '127.0.0.1' });
  return {
    endpoint,
    async stop() {
      await app.close();
      journal?.close();
    },
  };
}

function ensureQueue({ sqsStore }: Stores, queue: LocalQueue) {
  const attributes: Record<string, string> = { VisibilityTimeout: String(queue.visibilityTimeoutSeconds) };
  if (queue.name.endsWith('.fifo')) attributes.FifoQueue = 'true';
  if (queue.deadLetters) {
    attributes.RedrivePolicy = JSON.stringify({
      deadLetterTargetArn: queueArn(queue.deadLetters.queue),
      maxReceiveCount: queue.deadLetters.maxReceiveCount,
    });
  }
  const arn = queueArn(queue.name);
  // The engine finds a queue by its name, so the address may be one that does not change with the port.
  const url = `http://127.0.0.1/${queue.name}`;
  const existing =
    sqsStore.getQueueByName(queue.name) ?? sqsStore.createQueue(queue.name, url, arn, attributes);
  existing.setAttributes(attributes);
}

function subscribeEmails({ snsStore }: Stores) {
  snsStore.createTopic(TOPIC_NAME, {}, undefined, LOCAL_REGION);
  snsStore.subscribe(TOPIC_ARN, 'sqs', queueArn(QUEUES.emails.name));
}

/**
 * A receive takes several messages of a group, in their order, as SQS does; by itself the package would take one. While
 * it takes more, the groups that it has locked itself are open to it.
 */
function receiveWholeGroups(queue: Queue) {
  if (!queue.isFifo()) return;
  const locks = queue.fifoLockedGroups;
  const takeOne = queue.dequeue.bind(queue);
  queue.dequeue = (most, ...rest) => {
    const lockedBefore = new Set(locks.keys());
    const taken: ReturnType<typeof takeOne> = [];
    const own = new Map<string, number>();
    while (taken.length < most) {
      const next = takeOne(1, ...rest);
      if (next.length === 0) break;
      taken.push(...next);
      for (const [group, count] of [...locks]) {
        if (lockedBefore.has(group)) continue;
        own.set(group, (own.get(group) ?? 0) + count);
        locks.delete(group);
      }
    }
    for (const [group, count] of own) locks.set(group, count);
    return taken;
  };
}

/**
 * Has the store keep its objects in a folder. By itself the package holds all parts of an upload in memory, joins them
 * there, and reads an object whole to answer a range of it.
 */
async function keepOnDisk(store: Stores['s3Store'], folder: string): Promise<void> {
  const { S3Error }: { S3Error: new (code: string, message: string, status: number) => Error } = await import(
    besideEntry('./common/errors.js')
  );
  const refuse = (code: string, message: string, status: number) => new S3Error(code, message, status);
  const objects = new LandedObjects(folder, refuse);
  store.createBucket(LANDED_BUCKET);
  const own =
    <Args extends unknown[], Result>(work: (...args: Args) => Result) =>
    (bucket: string, ...args: Args): Result => {
      if (bucket === LANDED_BUCKET) return work(...args);
      throw refuse('NoSuchBucket', 'There is no such bucket.', 404);
    };
  Object.assign(store, {
    putObject: own((key: string, body: Buffer) => objects.put(key, body)),
    getObject: own((key: string) => objects.get(key)),
    headObject: own((key: string) => objects.head(key)),
    deleteObject: own((key: string) => objects.remove(key)),
    listObjects: own((options: Parameters<LandedObjects['list']>[0] = {}) => objects.list(options)),
    createMultipartUpload: own((key: string) => objects.startUpload(key)),
    uploadPart: (id: string, number: number, body: Buffer) => ({ etag: objects.putPart(id, number, body) }),
    completeMultipartUpload: (id: string, parts: { etag: string }[]) =>
      objects.completeUpload(
        id,
        parts.map(({ etag }) => etag),
      ),
    abortMultipartUpload: (id: string) => objects.dropUpload(id),
  });
}

/** Hands what a dead process had received to the next receiver, as if it had never been received. */
function releaseInFlight({ sqsStore }: Stores) {
  for (const queue of sqsStore.allQueues()) {
    for (const [receiptHandle, { message }] of [...queue.inflightMessages]) {
      // A process that is killed again and again must not move healthy work to the dead letters.
      message.approximateReceiveCount = 0;
      queue.changeVisibility(receiptHandle, 0);
    }
  }
}

/**
 * What the package does in its own start function, which would listen on every interface. The modules are not
 * among its exports, so they are found beside its entry.
 */
async function createStores(): Promise<Stores> {
  const [sqs, sns, s3]: [
    { SqsStore: new () => Stores['sqsStore'] },
    { SnsStore: new () => Stores['snsStore'] },
    { S3Store: new () => Stores['s3Store'] },
  ] = await Promise.all([
    import(besideEntry('./sqs/sqsStore.js')),
    import(besideEntry('./sns/snsStore.js')),
    import(besideEntry('./s3/s3Store.js')),
  ]);
  return { sqsStore: new sqs.SqsStore(), snsStore: new sns.SnsStore(), s3Store: new s3.S3Store() };
}

async function openJournal(path: string, stores: Stores): Promise<Journal> {
  const persistence: { PersistenceManager: new (path: string) => Journal } = await import(
    besideEntry('./persistence.js')
  );
  const journal = new persistence.PersistenceManager(path);
  // The package writes a null into a column that takes none when a message is made visible again, which would
  // fail the request and lose the message until the next start.
  journal.updateMessageReady = (messageId) => journal.updateMessageInflight(messageId, '', 0, 0, undefined);
  // Loading before the journal is set: a store that writes while it loads would delete what it has yet to read.
  journal.loadSqsAndSns(stores.sqsStore, stores.snsStore);
  stores.sqsStore.persistence = journal;
  stores.snsStore.persistence = journal;
  for (const queue of stores.sqsStore.allQueues()) queue.persistence = journal;
  return journal;
}

function besideEntry(path: string): string {
  return new URL(path, import.meta.resolve('fauxqs')).href;
}
