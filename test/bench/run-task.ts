import { once } from 'node:events';
import { createLocalClients } from '../../infra/local/engines/clients.ts';
import { startEngines } from '../../infra/local/engines/engines.ts';
import type { LocalStack } from '../../infra/local/engines/local-stack.ts';
import { createTables } from '../../infra/local/engines/tables.ts';
import { composeMirror, type Mirror } from '../../infra/local/functions/compose.ts';
import { startFunctions } from '../../infra/local/functions/running-functions.ts';
import { SANDBOX_CLIENT } from '../../infra/sandbox/sandbox.ts';
import { alertRules } from '../../shared/alerts/rules/settings.ts';
import type { ListRequest } from '../../shared/autodesk/client/api.ts';
import { AutodeskClient } from '../../shared/autodesk/client/client.ts';
import { AutodeskHttp } from '../../shared/autodesk/http/http.ts';
import { autodeskOrigin } from '../../shared/autodesk/http/origin.ts';
import { createFileCallbackTokens } from '../../shared/callbacks/callback-tokens.ts';
import { systemClock } from '../../shared/clock.ts';
import { mapConcurrently } from '../../shared/concurrency.ts';
import { type Log, silentLog } from '../../shared/observability/log.ts';
import { noMetrics } from '../../shared/observability/metrics.ts';
import { Usage } from '../../shared/observability/usage.ts';
import { systemRandomness } from '../../shared/randomness.ts';
import { COMPANY_SCOPE } from '../../shared/resources/resource.ts';
import { currentSecret } from '../../shared/rotation/rotating-secret.ts';
import type { PartitionWork } from '../../shared/sync/state/partition.ts';
import { INVITES } from './in-memory-mirror.ts';
import { measureMemory } from './memory.ts';
import { batchWriter, plainLoop } from './plain-loop.ts';
import { publishInvites } from './publish-invites.ts';
import { type RecordWrites, watchWrites } from './record-writes.ts';
import { type Place, type Task, type TaskResult, task } from './tasks.ts';
import { warmUp } from './warm-up.ts';

// A process that does one task and prints what it took; measured-process.ts starts it.

type Measured = Omit<TaskResult, 'peakMemoryMb'>;

async function perform(given: Task): Promise<Measured | undefined> {
  switch (given.kind) {
    case 'sync':
      return sync(given.place, given.mode, given.workers);
    case 'plain':
      return plain(given.place);
    case 'reading':
      return reading(given.place, given.readers);
    case 'callbacks':
      await serveCallbacks(given.place);
      return undefined;
    case 'memory':
      return measureMemory(given.records);
    case 'lake':
      return publishInvites(given.records, given.folder);
  }
}

/** Often enough for the figures, and seldom enough not to be a part of them. */
const POLL_MS = 100;

async function sync(place: Place, mode: 'full' | 'incremental', workers: number): Promise<Measured> {
  const { stack, mirror, writes } = await openMirror(place, workers);
  const running = await startFunctions({ stack, functions: mirror.functions, workers, ...parts });
  const { runs } = mirror.runPorts;
  const startedMs = performance.now();
  await mirror.requestRun({ resource: INVITES.name, scope: COMPANY_SCOPE, mode });
  let state = await runs.read(INVITES.name, COMPANY_SCOPE);
  while (state.activeRun !== undefined) {
    await systemClock.sleep(POLL_MS);
    state = await runs.read(INVITES.name, COMPANY_SCOPE);
  }
  const tookMs = performance.now() - startedMs;
  await running.stop();
  const { lastRun } = state;
  if (lastRun?.status !== 'complete') throw new Error(`The run failed: ${lastRun?.error?.message}`);
  const { counts, apiCalls, readUnits, writeUnits } = lastRun.totals;
  return { tookMs, records: counts.fetched, apiCalls, readUnits, writeUnits, ...writes };
}

async function plain(place: Place): Promise<Measured> {
  const { stack, mirror, writes } = await openMirror(place, 1);
  const usage = new Usage();
  const used = { writeUnits: 0 };
  const client = clientOf(place, mirror, usage);
  let readingMs = 0;
  const list = async (request: ListRequest) => {
    const askedMs = performance.now();
    const page = await client.list(request);
    readingMs += performance.now() - askedMs;
    return page;
  };
  const startedMs = performance.now();
  const records = await plainLoop({ list }, INVITES, batchWriter(stack.clients.dynamodb, used));
  const tookMs = performance.now() - startedMs;
  return { tookMs, readingMs, records, apiCalls: usage.apiCalls, readUnits: 0, ...used, ...writes };
}

/** What a run cannot be faster than: its first page, its windows side by side, what it reads after them. */
async function reading(place: Place, readers: number): Promise<Measured> {
  const { mirror, writes } = await openMirror(place, 1);
  const usage = new Usage();
  const client = clientOf(place, mirror, usage);
  const { runs, partitions } = mirror.runPorts;
  const { lastRun } = await runs.read(INVITES.name, COMPANY_SCOPE);
  const walks = (await partitions.ofRun(lastRun?.id ?? '')).filter(({ work }) => work.kind === 'list');
  const ofPhase = (phase: string) => walks.filter((partition) => partition.phase === phase);
  const startedMs = performance.now();
  let records = 0;
  const walk = async ({ work }: { work: PartitionWork }) => {
    const window = work.kind === 'list' && work.window ? { window: work.window } : {};
    const list = {
      list: (request: ListRequest) => client.list({ ...request, ...window }),
    };
    const read = await plainLoop(list, INVITES, async () => {});
    records += read;
  };
  if (ofPhase('read').length > 1) {
    await client.list({ resource: INVITES, scope: COMPANY_SCOPE, limit: 100 });
  }
  await mapConcurrently(ofPhase('read'), readers, walk);
  await mapConcurrently(ofPhase('catch-up'), readers, walk);
  const tookMs = performance.now() - startedMs;
  return { tookMs, records, apiCalls: usage.apiCalls, readUnits: 0, writeUnits: 0, ...writes };
}

async function serveCallbacks(place: Place): Promise<void> {
  const { stack, mirror } = await openMirror(place, 1);
  const running = await startFunctions({ stack, functions: mirror.functions, workers: 1, port: 0, ...parts });
  const token = await currentSecret(createFileCallbackTokens(place.folder), systemRandomness);
  process.stdout.write(`${running.endpoint}/callbacks/data-connector/${token}\n`);
  process.stdin.resume();
  await once(process.stdin, 'end');
}

/** What goes wrong ends the process: a measurement in which something did is none. */
const log: Log = { ...silentLog, warn: giveUp, error: giveUp };

function giveUp(message: string, fields?: Record<string, unknown>): never {
  console.error(message, fields);
  process.exit(1);
}

const parts = { clock: systemClock, log };

/** A mirror that is ready to begin: its code compiled, its token renewed, its writes counted from now on. */
async function openMirror(
  place: Place,
  workers: number,
): Promise<{ stack: LocalStack; mirror: Mirror; writes: RecordWrites }> {
  const { addresses, send } = await startEngines(place.folder);
  const clients = createLocalClients(addresses, send);
  const writes = watchWrites(clients.dynamodb);
  await createTables(clients.dynamodb);
  await warmUp(clients.dynamodb);
  const stack: LocalStack = {
    origin: 'sandbox',
    folder: place.folder,
    addresses,
    clients,
    close: async () => clients.destroy(),
  };
  const { clientId, clientSecret } = SANDBOX_CLIENT;
  const mirror = composeMirror({
    stack,
    settings: {
      autodeskOrigin: autodeskOrigin.parse(place.autodesk),
      credentials: { kind: 'three-legged', clientId, clientSecret },
      seed: place.refreshToken,
      accountIds: place.accountIds,
      enabledResources: [INVITES.name],
      requestsPerMinute: { buildingconnected: 1_000_000, 'data-connector': 1_000_000 },
      workers,
      alertRules: alertRules.parse({}),
      purgeDeletedAfterDays: 365,
      fieldPolicy: {},
      historyDays: 365,
      stage: 'bench',
      timeZone: 'UTC',
    },
    extractStore: undefined,
    randomness: systemRandomness,
    ...parts,
  });
  await mirror.connection.get();
  return { stack, mirror, writes };
}

function clientOf(place: Place, mirror: Mirror, usage: Usage): AutodeskClient {
  return new AutodeskClient({
    http: new AutodeskHttp({
      fetch: globalThis.fetch,
      origin: autodeskOrigin.parse(place.autodesk),
      timeoutMs: 30_000,
    }),
    tokens: mirror.connection,
    budget: { take: async () => {}, pause: async () => {} },
    randomness: systemRandomness,
    metrics: noMetrics,
    usage,
    ...parts,
  });
}

const given = task.parse(JSON.parse(process.argv[2] ?? 'null'));
const result = await perform(given);
if (result !== undefined) {
  process.stdout.write(
    `${JSON.stringify({ ...result, peakMemoryMb: process.resourceUsage().maxRSS / 1024 })}\n`,
  );
}
process.exit(0);
