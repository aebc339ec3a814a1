/** The engine with a server of its own. */
declare module 'dynalite' {
  import type { Server } from 'node:http';

  export default function dynalite(options: { createTableMs: number; updateTableMs: number }): Server;
}

/** The parts of the embedded engine, which its own server is made of too. */
declare module 'dynalite/db/index.js' {
  type GotTable = (error: Error | null, table?: unknown) => void;

  export interface Store {
    /** Answers an error where there is no such table, or, without `checked`, where it is not to be used now. */
    getTable(name: string, ...rest: [got: GotTable] | [checked: false, got: GotTable]): void;
    lifecycleManager: { gracefulClose(done: (error: Error | null) => void): void };
  }

  interface StoreOptions {
    /** The folder of the data; in memory without one. */
    path?: string;
    /** How long a table stays in `CREATING`, in milliseconds. */
    createTableMs: number;
    deleteTableMs: number;
    updateTableMs: number;
  }

  export function create(options: StoreOptions): Store;
}

declare module 'dynalite/validations/index.js' {
  import type { Store } from 'dynalite/db/index.js';

  /** Members of a request with their types and limits. */
  type Types = Record<string, unknown>;
  /** What cannot be said by types; answers a message where it is broken, and parses the expressions of a request. */
  type Custom = (request: unknown, store: Store) => string | null | undefined;

  /** What validations/<operation>.js has, and actions/<operation>.js is. */
  export interface Operation {
    types: Types;
    custom?: Custom;
    action(store: Store, request: unknown, done: (error: unknown, answer?: unknown) => void): void;
  }

  /** Answers the request without what it should not hold. Throws an error with `statusCode` and `body`. */
  export function checkTypes(request: unknown, types: Types): unknown;
  /** Throws an error with `statusCode` and `body`. */
  export function checkValidations(
    request: unknown,
    types: Types,
    custom: Custom | undefined,
    store: Store,
  ): void;
}
