import { keyText } from '../../records/record-store.ts';
import { listNamesOf } from '../../resources/registry.ts';
import type { Resource, Scope } from '../../resources/resource.ts';
import type { SyncPorts } from '../state/sync-ports.ts';

/** Lets those records out of quarantine that have been stored since, because Autodesk sends them whole again. */
export async function releaseStored(resource: Resource, scope: Scope, ports: SyncPorts): Promise<void> {
  for (const list of listNamesOf(resource)) {
    for (const entry of await ports.quarantine.list(list, scope)) {
      const key =
        entry.parentId === undefined
          ? { resource: list, id: entry.key }
          : { resource: list, parentId: entry.parentId, id: entry.key.slice(entry.parentId.length + 1) };
      const head = (await ports.records.heads([key])).get(keyText(key));
      if (head !== undefined && head.deletedAt === undefined && head.readAt > entry.readAt) {
        await ports.quarantine.remove(list, scope, entry.key);
      }
    }
  }
}
