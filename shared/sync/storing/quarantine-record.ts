import { isUsableId } from '../../ids.ts';
import { canonicalJson, isJsonObject, type Json } from '../../json.ts';
import { contentHash } from '../../records/content-hash.ts';
import type { RecordVersion } from '../../records/record-store.ts';
import { RecordRefusedError } from '../../records/refusal.ts';
import type { SyncPorts } from '../state/sync-ports.ts';

/** Where a record that cannot be stored was met. */
export interface RefusedRecord {
  resource: string;
  scope: string;
  parentId?: string | undefined;
  sent: Json;
  readAt: string;
}

/** The version that `make` makes of what was sent; undefined where it cannot be stored, and then it is quarantined. */
export async function versionUnlessRefused(
  make: () => RecordVersion,
  refused: RefusedRecord,
  runId: string,
  ports: SyncPorts,
): Promise<RecordVersion | undefined> {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof RecordRefusedError)) throw error;
    await quarantine(refused, error, runId, ports);
    return undefined;
  }
}

/** Keeps a record aside with the reason; the same record again replaces itself. */
async function quarantine(
  refused: RefusedRecord,
  error: RecordRefusedError,
  runId: string,
  ports: SyncPorts,
): Promise<void> {
  const { resource, scope, parentId, sent, readAt } = refused;
  ports.log.warn('record quarantined', { resource, runId, reason: error.reason });
  await ports.quarantine.add(
    {
      key: quarantineKey(refused),
      resource,
      scope,
      ...(parentId !== undefined && { parentId }),
      reason: error.reason,
      message: error.message,
      readAt,
      runId,
    },
    sent,
  );
}

/** The same for a version that the store itself refused. */
export function keepAside(
  version: RecordVersion,
  error: RecordRefusedError,
  runId: string,
  ports: SyncPorts,
): Promise<void> {
  const { resource, scope, parentId, data, readAt } = version;
  return quarantine(
    { resource, scope, ...(parentId !== undefined && { parentId }), sent: data, readAt },
    error,
    runId,
    ports,
  );
}

/** Ids are opaque but short; what cannot serve as a key is known by its content. */
function quarantineKey({ sent, parentId }: RefusedRecord): string {
  const id = isJsonObject(sent) && typeof sent.id === 'string' ? sent.id : '';
  const own = isUsableId(id) ? id : `content-${contentHash(shallowText(sent))}`;
  return parentId === undefined ? own : `${parentId}.${own}`;
}

/** The text of a value that may nest too deep for `canonicalJson`, which goes down by recursion. */
function shallowText(sent: Json): string {
  try {
    return canonicalJson(sent);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return isJsonObject(sent) ? Object.keys(sent).join() : 'too deep';
  }
}
