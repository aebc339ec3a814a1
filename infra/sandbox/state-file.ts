import { readFileSync } from 'node:fs';
import writeFileAtomic from 'write-file-atomic';
import * as z from 'zod';
import { type JsonObject, parseJson } from '../../shared/json.ts';
import { hasCode } from '../../shared/system-error.ts';
import { authorizationStateSchema } from './authorization/authorization.ts';
import { ELEMENT_LISTS } from './company/elements.ts';
import { storedHook } from './webhooks/hooks.ts';

const SAVE_DELAY_MS = 250;

const recordSchema = z.custom<JsonObject>((value) => typeof value === 'object' && value !== null);

const savedSandboxSchema = z.object({
  version: z.literal(1),
  seed: z.string(),
  scale: z.object({
    projects: z.number(),
    pairs: z.number(),
    invites: z.number(),
    forms: z.number(),
    requests: z.number(),
    jobs: z.number(),
  }),
  madeAtMs: z.number(),
  lifeSteps: z.number(),
  changes: z.object({
    records: z.record(z.string(), z.record(z.string(), recordSchema.nullable())),
    elements: z
      .partialRecord(z.enum(ELEMENT_LISTS), z.record(z.string(), z.array(recordSchema)))
      // A file of an earlier version has none.
      .default({}),
  }),
  authorization: authorizationStateSchema,
  // A file of an earlier version has none.
  hooks: z.array(storedHook).default([]),
});

/** What a sandbox needs to go on where it was: how its company was made, what changed since, who holds which token. */
export type SavedSandbox = z.infer<typeof savedSandboxSchema>;

/** The sandbox as it was saved, or undefined where there is no such file yet. */
export function loadSandbox(path: string): SavedSandbox | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
  return savedSandboxSchema.parse(parseJson(text));
}

/**
 * Keeps the sandbox in a file, which is replaced as a whole. Whoever is about to show a change to somebody calls
 * `saveIfChanged` first, so that a process killed at any moment comes back with everything it ever told.
 */
export interface StateKeeper {
  save(): void;
  /** Saves soon. */
  changed(): void;
  saveIfChanged(): void;
}

/** Without a path nothing is kept. */
export function createStateKeeper(path: string | undefined, current: () => SavedSandbox): StateKeeper {
  let timer: NodeJS.Timeout | undefined;

  function save() {
    clearTimeout(timer);
    timer = undefined;
    if (path !== undefined) writeFileAtomic.sync(path, JSON.stringify(current()), { mode: 0o600 });
  }
  return {
    save,
    changed: () => {
      if (path !== undefined) timer ??= setTimeout(save, SAVE_DELAY_MS).unref();
    },
    saveIfChanged: () => {
      if (timer !== undefined) save();
    },
  };
}
