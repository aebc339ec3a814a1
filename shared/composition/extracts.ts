import { DataConnectorFiles } from '../extracts/landing/data-connector-files.ts';
import { HttpDownload } from '../extracts/landing/download.ts';
import { freeBuffers } from '../extracts/landing/free-buffers.ts';
import type { ObjectStore } from '../extracts/object-store.ts';
import type { Usage } from '../observability/usage.ts';
import type { connectAutodesk } from './autodesk.ts';
import type { StateAccess } from './given.ts';
import { landingStore } from './stores.ts';
import { type SyncOptions, syncPorts } from './sync.ts';

/** Where the files of Data Connector's jobs are landed, and for how many days they are kept there. */
export interface Landing {
  store: ObjectStore;
  keepDays: number;
}

/** What landing the files of jobs needs. */
export function landingPorts(
  options: SyncOptions & StateAccess & { autodesk: ReturnType<typeof connectAutodesk> },
  { store, keepDays }: Landing,
  usage: Usage,
  timeLeftMs: () => number,
) {
  const client = options.autodesk.clientFor(usage);
  return {
    ...syncPorts(options, usage),
    landings: landingStore(options, usage),
    autodesk: client,
    files: new DataConnectorFiles(client),
    download: new HttpDownload(globalThis.fetch, options.clock, freeBuffers),
    store,
    keepDays,
    timeLeftMs,
  };
}
