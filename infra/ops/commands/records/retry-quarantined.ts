import type { AutodeskApi, RecordReading } from '../../../../shared/autodesk/client/api.ts';
import { reportFailure, SyncError } from '../../../../shared/errors.ts';
import type { Json } from '../../../../shared/json.ts';
import { Usage } from '../../../../shared/observability/usage.ts';
import { type RecordTreatment, treatRecords } from '../../../../shared/privacy/treated-api.ts';
import type { QuarantinedRecord } from '../../../../shared/records/quarantine.ts';
import { findNested, findResource } from '../../../../shared/resources/registry.ts';
import type { Resource } from '../../../../shared/resources/resource.ts';
import type { SyncPorts } from '../../../../shared/sync/state/sync-ports.ts';
import { storeReading } from '../../../../shared/sync/storing/read-by-id.ts';
import { storeRows } from '../../../../shared/sync/storing/store-children.ts';
import type { Stores } from '../../targets/stores.ts';
import { CommandFailedError } from '../../terminal/command-failed-error.ts';

/** What came of one quarantined record. */
export interface RetryOutcome {
  resource: string;
  scope: string;
  key: string;
  outcome: 'stored' | 'refused';
  /** Whether it was read again, or judged by what was kept of it. */
  from: 'autodesk' | 'kept';
  /** Why it was refused. */
  message?: string;
}

/** A record under its id; what has none is kept by its content and cannot be asked for. */
const KEPT_BY_CONTENT = /^content-[0-9a-f]+$/;

/**
 * Tries to store quarantined records: reads them again from Autodesk, an element of a list with the whole of its record, and
 * where that cannot be done judges what was kept. `api`: undefined where Autodesk cannot be asked.
 */
export async function retryQuarantined(
  entries: readonly QuarantinedRecord[],
  api: AutodeskApi | undefined,
  stores: Stores,
  treatment: RecordTreatment,
): Promise<RetryOutcome[]> {
  const engine = engineOf(api, stores, treatment);
  const outcomes: RetryOutcome[] = [];
  const childEntries = entries.filter(({ resource }) => findResource(resource)?.parent !== undefined);
  for (const entry of childEntries) outcomes.push(await attempt(entry, () => retryChild(entry, engine)));
  const others = entries.filter((entry) => !childEntries.includes(entry));
  for (const entry of others.filter(({ parentId }) => parentId === undefined)) {
    outcomes.push(await attempt(entry, () => retryRecord(entry, api, engine)));
  }
  const readParents = new Set<string>();
  for (const entry of others) {
    const { parentId } = entry;
    if (parentId === undefined) continue;
    outcomes.push(
      await attempt(entry, async () => {
        if (!readParents.has(parentId)) await readParent(entry, parentId, engine);
        readParents.add(parentId);
        return settleItem(entry, engine);
      }),
    );
  }
  return outcomes;
}

/** The engine of the sync, and what it would do to a record that it reads. */
type Engine = SyncPorts & { treatment: RecordTreatment };

type Judged = Pick<RetryOutcome, 'outcome' | 'from' | 'message'>;

/** One record that cannot be tried must not keep the others from it. */
async function attempt(entry: QuarantinedRecord, work: () => Promise<Judged>): Promise<RetryOutcome> {
  const { resource, scope, key } = entry;
  try {
    return { resource, scope, key, ...(await work()) };
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
    const { message, remedy } = reportFailure(error);
    return { resource, scope, key, outcome: 'refused', from: 'autodesk', message: `${message} ${remedy}` };
  }
}

async function retryRecord(
  entry: QuarantinedRecord,
  api: AutodeskApi | undefined,
  engine: Engine,
): Promise<Judged> {
  const resource = requireResource(findResource(entry.resource), entry);
  const read = await readAgain(entry, resource, api);
  const from = read === undefined ? 'kept' : 'autodesk';
  const reading = read ?? (await keptReading(entry, engine));
  const isRefused = reading !== undefined && (await store(entry, resource, reading, engine)) > 0;
  if (isRefused) return { outcome: 'refused', from, message: (await entryNow(entry, engine))?.message ?? '' };
  return release(entry, from, engine);
}

/** A record of a list that has parents is judged by what was kept of it: its list is read whole with every full run. */
async function retryChild(entry: QuarantinedRecord, engine: Engine): Promise<Judged> {
  const { resource: name, scope, parentId, readAt, runId, key } = entry;
  const resource = requireResource(findResource(name), entry);
  const payload = await keptPayload(entry, engine);
  if (payload !== undefined) {
    const { counts } = await storeRows([payload], {
      resource,
      scope,
      parentOf: () => parentId,
      readAt,
      origin: { runId, page: `retry ${key}` },
      ports: engine,
    });
    if (counts.quarantined > 0) {
      return { outcome: 'refused', from: 'kept', message: (await entryNow(entry, engine))?.message ?? '' };
    }
  }
  return release(entry, 'kept', engine);
}

/** Undefined where Autodesk cannot be asked, or does not have it by that id. */
async function readAgain(
  { scope, key }: QuarantinedRecord,
  resource: Resource,
  api: AutodeskApi | undefined,
): Promise<Found | undefined> {
  if (api === undefined || KEPT_BY_CONTENT.test(key)) return undefined;
  const reading = await api.read(resource, scope, key);
  return reading.kind === 'found' ? reading : undefined;
}

type Found = Extract<RecordReading, { kind: 'found' }>;

async function keptReading(entry: QuarantinedRecord, engine: Engine): Promise<Found | undefined> {
  const record = await keptPayload(entry, engine);
  return record === undefined ? undefined : { kind: 'found', record, readAt: entry.readAt };
}

/** As it would be read today: it may have been kept before a field was to be dropped or hashed. */
async function keptPayload(
  { resource, scope, key }: QuarantinedRecord,
  { quarantine, treatment }: Engine,
): Promise<Json | undefined> {
  const payload = await quarantine.payload(resource, scope, key);
  if (payload === undefined) return undefined;
  const [treated] = await treatRecords(resource, [payload], treatment);
  return treated;
}

/** Reads the record of an element and stores it with all its lists; what is refused of that is quarantined anew. */
async function readParent(entry: QuarantinedRecord, parentId: string, engine: Engine): Promise<void> {
  const parent = requireResource(findNested(entry.resource)?.parent, entry);
  const reading = await engine.api.read(parent, entry.scope, parentId);
  if (reading.kind === 'found') await store(entry, parent, reading, engine);
  else {
    throw new CommandFailedError(
      `Its record ${parentId} no longer exists at Autodesk.`,
      `If you do not need it, run \`npm run ops -- quarantine remove ${entry.key}\`.`,
    );
  }
}

/** Answers how many records were refused: 0 or 1, elements apart. */
async function store(
  entry: QuarantinedRecord,
  resource: Resource,
  reading: Found,
  engine: Engine,
): Promise<number> {
  const origin = { runId: entry.runId, page: `retry ${entry.key}` };
  return (await storeReading(resource, entry.scope, reading, origin, engine)).counts.quarantined;
}

/** After its record was read: an element that was refused again is kept as of that reading. */
async function settleItem(entry: QuarantinedRecord, engine: Engine): Promise<Judged> {
  const now = await entryNow(entry, engine);
  const isRefused = now !== undefined && now.readAt > entry.readAt;
  return isRefused
    ? { outcome: 'refused', from: 'autodesk', message: now.message }
    : release(entry, 'autodesk', engine);
}

async function entryNow({ resource, scope, key }: QuarantinedRecord, { quarantine }: SyncPorts) {
  return (await quarantine.list(resource, scope)).find((other) => other.key === key);
}

async function release(
  { resource, scope, key }: QuarantinedRecord,
  from: RetryOutcome['from'],
  { quarantine }: SyncPorts,
): Promise<Judged> {
  await quarantine.remove(resource, scope, key);
  return { outcome: 'stored', from };
}

function requireResource(resource: Resource | undefined, entry: QuarantinedRecord): Resource {
  if (resource) return resource;
  throw new CommandFailedError(
    `This version does not support the resource ${entry.resource}.`,
    'Use the version that quarantined it.',
  );
}

function engineOf(api: AutodeskApi | undefined, stores: Stores, treatment: RecordTreatment): Engine {
  return {
    ...stores,
    treatment,
    api: api ?? UNREACHABLE,
    usage: new Usage(),
    timeLeftMs: () => Number.POSITIVE_INFINITY,
  };
}

const cannotAsk = () =>
  Promise.reject(
    new CommandFailedError(
      'It must be read again before it can be stored, and Autodesk is unavailable.',
      'Run `npm run ops -- doctor`, then retry.',
    ),
  );
const UNREACHABLE: AutodeskApi = { list: cannotAsk, nested: cannotAsk, read: cannotAsk };
