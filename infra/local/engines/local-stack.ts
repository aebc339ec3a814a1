import { setTimeout as sleep } from 'node:timers/promises';
import {
  type LockedDataFolder,
  lockDataFolder,
  type Origin,
  originFolder,
  type RunningProcess,
  readLastOrigin,
  readRunning,
} from '../data/data-folder.ts';
import { DataFolderInUseError } from '../data/errors.ts';
import type { EngineAddresses, LocalClients } from './clients.ts';
import { type LoadedEngines, startEngines } from './engines.ts';

/** The engines of one origin of a data folder, with clients for them. */
export interface LocalStack {
  origin: Origin;
  /** The folder of this origin: connection, emails and the engines' data. */
  folder: string;
  addresses: EngineAddresses;
  clients: LocalClients;
  /** The callback endpoint of the process that `npm start` runs, where one does. */
  endpoint?: string;
  /** The sandbox of that process, where the data comes from one. */
  sandbox?: string;
  /** The Web API of that process's Slack, where alerts are told there. */
  slackApi?: string;
  /** Lets other commands use these engines meanwhile; absent where they are another process's. */
  share?(): Promise<void>;
  close(): Promise<void>;
}

interface Opening {
  dataDir: string;
  origin?: Origin;
  /** Used if engines have to be started, and unloaded where not. */
  engines?: LoadedEngines;
}

/** How long a command waits for another command that has the data folder, and for a start to be ready. */
const PATIENCE_MS = 30_000;

/**
 * Opens the local stack for the length of a command: connects to the engines of the process that works on the
 * data folder, or starts them where none does. Without an origin it is the one that runs, else the one last
 * used, else the sandbox. Throws `DataFolderInUseError` when the data folder is in use for another origin.
 */
export async function openLocalStack(options: Opening): Promise<LocalStack> {
  const givenUpAt = Date.now() + PATIENCE_MS;
  for (;;) {
    const running = await readRunning(options.dataDir);
    if (running?.kind === 'start' && running.addresses !== undefined) {
      await options.engines?.unload();
      return connect(options, running, running.addresses);
    }
    try {
      return await startForCommand(options);
    } catch (error) {
      if (!(error instanceof DataFolderInUseError) || Date.now() > givenUpAt) throw error;
      await sleep(100);
    }
  }
}

/** Starts the engines of one origin in a data folder that this process has locked, and makes the tables. */
export async function startLocalStack(
  dataFolder: LockedDataFolder,
  origin: Origin,
  loaded?: LoadedEngines,
): Promise<LocalStack & { failed: Promise<never> }> {
  const folder = await dataFolder.folderOf(origin);
  // Loaded while the engines start, which takes as long.
  const [engines, { createLocalClients, createTables }] = await Promise.all([
    startEngines(folder, loaded),
    loadClients(),
  ]);
  const clients = createLocalClients(engines.addresses, engines.send);
  const close = async () => {
    clients.destroy();
    await engines.stop();
  };
  try {
    await createTables(clients.dynamodb);
  } catch (error) {
    await close();
    throw error;
  }
  return { origin, folder, addresses: engines.addresses, clients, failed: engines.failed, close };
}

async function startForCommand(options: Opening): Promise<LocalStack> {
  const dataFolder = await lockDataFolder(options.dataDir);
  try {
    const origin = options.origin ?? (await readLastOrigin(options.dataDir)) ?? 'sandbox';
    await dataFolder.announce({ pid: process.pid, kind: 'command', origin });
    const stack = await startLocalStack(dataFolder, origin, options.engines);
    return {
      ...stack,
      share: () =>
        dataFolder.announce({ pid: process.pid, kind: 'start', origin, addresses: stack.addresses }),
      async close() {
        try {
          await stack.close();
        } finally {
          await dataFolder.release();
        }
      },
    };
  } catch (error) {
    await dataFolder.release();
    throw error;
  }
}

async function loadClients() {
  const [{ createLocalClients }, { createTables }] = await Promise.all([
    import('./clients.ts'),
    import('./tables.ts'),
  ]);
  return { createLocalClients, createTables };
}

async function connect(
  options: Opening,
  running: RunningProcess,
  addresses: EngineAddresses,
): Promise<LocalStack> {
  if (options.origin !== undefined && options.origin !== running.origin) {
    throw new DataFolderInUseError(options.dataDir, `a run on ${running.origin} data`);
  }
  const { createLocalClients } = await loadClients();
  const clients = createLocalClients(addresses);
  return {
    origin: running.origin,
    folder: originFolder(options.dataDir, running.origin),
    addresses,
    clients,
    ...(running.endpoint !== undefined && { endpoint: running.endpoint }),
    ...(running.sandbox !== undefined && { sandbox: running.sandbox }),
    ...(running.slackApi !== undefined && { slackApi: running.slackApi }),
    close: async () => clients.destroy(),
  };
}
