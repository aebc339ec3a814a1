import { chmod, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import writeFileAtomic from 'write-file-atomic';
import * as z from 'zod';
import { hasCode, unlessMissing } from '../../../shared/system-error.ts';
import { DataFolderError, DataFolderInUseError } from './errors.ts';
import { runningFile } from './running-file.ts';

/**
 * Where the mirrored data comes from. Each origin has a folder of its own below the data folder, so that data of
 * the sandbox, of Autodesk's samples and of a company never mix.
 */
export const ORIGINS = ['sandbox', 'live', 'live-test'] as const;
export type Origin = (typeof ORIGINS)[number];

/** The origin of what Autodesk itself answers in this mode. */
export function liveOriginOf(mode: 'test' | undefined): Origin {
  return mode === 'test' ? 'live-test' : 'live';
}

/** Where the lake is, below the folder of an origin. */
export const LAKE_FOLDER = 'lake';

/** What the process that works on a data folder tells the others. */
const runningProcess = z.object({
  pid: z.int(),
  /** `start`: stays for as long as it is wanted. `command`: ends by itself in a moment. */
  kind: z.enum(['start', 'command']),
  origin: z.enum(ORIGINS),
  /** Where the engines listen; absent while they start. */
  addresses: z.object({ dynamodb: z.url(), queues: z.url() }).optional(),
  /** The callback endpoint without its secret path. */
  endpoint: z.url().optional(),
  /** Where the sandbox answers in Autodesk's place, where it does. */
  sandbox: z.url().optional(),
  /** Where the Web API of the sandbox's Slack is, where alerts are told there. */
  slackApi: z.url().optional(),
});
export type RunningProcess = z.infer<typeof runningProcess>;

/** A data folder that this process alone works on until it lets go of it, or dies. */
export interface LockedDataFolder {
  /** The folder of one origin, made if it was not there. */
  folderOf(origin: Origin): Promise<string>;
  /** Tells other processes what runs here, and remembers the origin as the one last used. */
  announce(running: RunningProcess): Promise<void>;
  release(): Promise<void>;
}

/**
 * Makes the data folder if need be, readable by its owner only, and locks it. The lock is one of the operating
 * system's on an open file: it ends with the process, however that ends. Throws `DataFolderInUseError` when
 * another process holds it, `DataFolderError` when the folder cannot be used.
 */
export async function lockDataFolder(dataDir: string): Promise<LockedDataFolder> {
  const path = resolve(dataDir);
  const lock = await makeFolder(path).then(
    () => takeLock(path),
    (cause) => {
      throw new DataFolderError(path, { cause });
    },
  );
  if (lock === undefined) throw new DataFolderInUseError(path, describeHolder(await readRunning(path)));
  const runningPath = runningFile(path);
  await rm(runningPath, { force: true });
  return {
    folderOf: (origin) => makeFolderOf(path, origin),
    async announce(running) {
      await writeFileAtomic(runningPath, JSON.stringify(running), { mode: 0o600 });
      await rememberOrigin(path, running.origin);
    },
    async release() {
      await rm(runningPath, { force: true });
      lock.close();
    },
  };
}

/**
 * Makes the folder of one origin for a process that keeps to files that need no lock, whatever works on the data
 * folder. Throws `DataFolderError` when it cannot be used.
 */
export async function makeOriginFolder(dataDir: string, origin: Origin): Promise<string> {
  const path = resolve(dataDir);
  try {
    await makeFolder(path);
    return await makeFolderOf(path, origin);
  } catch (cause) {
    throw new DataFolderError(path, { cause });
  }
}

/** Commands look at the origin last used while nothing works on the data folder. */
export async function rememberOrigin(dataDir: string, origin: Origin): Promise<void> {
  await writeFileAtomic(join(resolve(dataDir), 'last-origin'), origin, { mode: 0o600 });
}

/** Where the management sign-in is kept, below the folder of an origin. */
export function managementFolder(folder: string): string {
  return join(folder, 'management');
}

/** The folder of one origin below the data folder. */
export function originFolder(dataDir: string, origin: Origin): string {
  return join(resolve(dataDir), origin);
}

/** The process that works on the data folder, as far as it has said so and is alive. */
export async function readRunning(dataDir: string): Promise<RunningProcess | undefined> {
  const text = await readFile(runningFile(dataDir), 'utf8').catch(unlessMissing);
  const running = text === undefined ? undefined : runningProcess.parse(JSON.parse(text));
  return running !== undefined && isAlive(running.pid) ? running : undefined;
}

/** The origin that the data folder was last used with. */
export async function readLastOrigin(dataDir: string): Promise<Origin | undefined> {
  const text = await readFile(join(resolve(dataDir), 'last-origin'), 'utf8').catch(unlessMissing);
  return ORIGINS.find((origin) => origin === text);
}

async function makeFolderOf(dataDir: string, origin: Origin): Promise<string> {
  const folder = originFolder(dataDir, origin);
  await makeWithParents(folder);
  return folder;
}

async function makeFolder(path: string) {
  const made = await makeWithParents(path);
  // A folder that was there is closed to others as well, unless it holds what is not ours.
  const isOurs = (entry: string) => entry === 'lock' || entry === 'last-origin';
  const entries = made ? [] : await readdir(path);
  if (!made && (entries.length === 0 || entries.some(isOurs))) await chmod(path, 0o700);
}

/**
 * Makes a folder and those above it; answers false when it was there. Node's own `recursive` never comes back where
 * the system answers ENOENT for a folder that cannot be made, as below /proc.
 */
async function makeWithParents(path: string): Promise<boolean> {
  try {
    await mkdir(path, { mode: 0o700 });
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    if (!hasCode(error, 'ENOENT') || !(await makeParentOf(path))) throw error;
    await mkdir(path, { mode: 0o700 });
    return true;
  }
}

/** Answers whether there is a parent now that was not there before. */
async function makeParentOf(path: string): Promise<boolean> {
  const parent = dirname(path);
  return parent !== path && makeWithParents(parent);
}

function takeLock(path: string): DatabaseSync | undefined {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(join(path, 'lock'), { timeout: 0 });
    database.exec('BEGIN EXCLUSIVE');
    return database;
  } catch (cause) {
    database?.close();
    if (cause instanceof Error && 'errcode' in cause && cause.errcode === SQLITE_BUSY) return undefined;
    throw new DataFolderError(path, { cause });
  }
}

/** SQLite's answer when another process holds the lock. */
const SQLITE_BUSY = 5;

function describeHolder(running: RunningProcess | undefined): string {
  if (running === undefined) return 'another run';
  return `another run (process ${running.pid}, ${running.origin})`;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // EPERM: it is there, but somebody else's.
    return hasCode(error, 'EPERM');
  }
}
