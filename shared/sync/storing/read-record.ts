import type { RecordReading } from '../../autodesk/client/api.ts';
import type { ReadRecordMessage } from '../../queue/messages.ts';
import type { RecordKey } from '../../records/record.ts';
import { findResource, requireResource } from '../../resources/registry.ts';
import type { Resource } from '../../resources/resource.ts';
import type { Counts } from '../state/run.ts';
import type { SyncPorts } from '../state/sync-ports.ts';
import { AbsenceProof, NOTHING, storeAbsence, storeReading } from './read-by-id.ts';
import { storeRows } from './store-children.ts';
import type { PageOrigin } from './store-versions.ts';

/** What was read counts as: no run, and a page of its own for each reading. */
function originOf(readAt: string): PageOrigin {
  return { runId: 'webhook', page: readAt };
}

/**
 * Reads one record now and stores what came, with its nested lists; wakes the alerts if that changed anything. A record
 * that is not found does nothing while we do not know it; one that we have is marked deleted once something else shows
 * that the 404 can be believed. Idempotent: how often and in which order it is asked for changes nothing.
 */
export async function readRecord(message: ReadRecordMessage, ports: SyncPorts): Promise<void> {
  const { scope, id, parentId } = message;
  const known = findResource(message.resource);
  // Switched off, or a message of another version: the list's own runs are what counts.
  if (known === undefined || !ports.settings.enabledResources.includes(known.name)) return;
  // It waits for no run: a person has just done something, and looks.
  const resource: Resource = { ...known, urgent: true };
  const reading = await ports.api.read(resource, scope, id, parentId);
  const counts =
    reading.kind === 'found'
      ? await storeFound(resource, message, reading, ports)
      : await storeMissing(resource, message, reading.readAt, ports);
  const { created, updated, deleted } = counts;
  ports.log.info('record read', { resource: known.name, id, found: reading.kind, created, updated, deleted });
  if (created + updated + deleted === 0) return;
  await ports.alertQueue.send({ kind: 'evaluate', hints: [{ resource: known.name, id }] });
}

async function storeFound(
  resource: Resource,
  { scope, parentId }: ReadRecordMessage,
  reading: Extract<RecordReading, { kind: 'found' }>,
  ports: SyncPorts,
): Promise<Counts> {
  if (parentId === undefined)
    return (await storeReading(resource, scope, reading, originOf(reading.readAt), ports)).counts;
  const { record, readAt } = reading;
  const rows = { resource, scope, parentOf: () => parentId, readAt, origin: originOf(readAt), ports };
  return (await storeRows([record], rows)).counts;
}

async function storeMissing(
  resource: Resource,
  { scope, id, parentId }: ReadRecordMessage,
  readAt: string,
  ports: SyncPorts,
): Promise<Counts> {
  const key: RecordKey = { resource: resource.name, id, ...(parentId !== undefined && { parentId }) };
  const stored = await ports.records.get(key);
  if (stored === undefined || stored.deletedAt !== undefined) return NOTHING.counts;
  const isGone =
    parentId === undefined || resource.parent === undefined
      ? await new AbsenceProof(resource, scope, ports).trusts404(() => anotherLiveId(resource, stored, ports))
      : await isStillThere(requireResource(resource.parent.name), scope, parentId, ports);
  return isGone ? (await storeAbsence(resource, key, readAt, ports)).counts : NOTHING.counts;
}

/** A record that the same path should answer for, so that a 404 is about the one that is gone. */
async function anotherLiveId(
  { name }: Resource,
  { id, scope }: { id: string; scope: string },
  { records }: SyncPorts,
): Promise<string | undefined> {
  for await (const keys of records.liveKeys(name, scope)) {
    const other = keys.find((key) => key.id !== id);
    if (other !== undefined) return other.id;
  }
  return undefined;
}

/** A parent that can be read shows that we still see what belongs to it. */
async function isStillThere(
  parent: Resource,
  scope: string,
  id: string,
  { api }: SyncPorts,
): Promise<boolean> {
  return (await api.read({ ...parent, urgent: true }, scope, id)).kind === 'found';
}
