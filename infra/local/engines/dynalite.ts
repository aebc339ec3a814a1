import { once } from 'node:events';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { buffer } from 'node:stream/consumers';
import { create, type Store } from 'dynalite/db/index.js';
import { checkTypes, checkValidations, type Operation } from 'dynalite/validations/index.js';

/** A request as the protocol of DynamoDB has it, of which only these two parts matter here. */
export interface DynamoRequest {
  /** `DynamoDB_20120810.PutItem` */
  target: string;
  body: string;
}

export interface DynamoAnswer {
  statusCode: number;
  body: string;
}

export interface RunningDynalite {
  /** `http://127.0.0.1:<port>` */
  endpoint: string;
  /**
   * Answers a request of this process without a connection. A client of AWS has made it, so its types are not
   * checked; what only the database can tell is.
   */
  answer(request: DynamoRequest): Promise<DynamoAnswer>;
  stop(): Promise<void>;
}

const TARGET =
  /^DynamoDB_20120810\.((?:Batch(?:Get|Write)|Delete|Get|Put|Update)Item|(?:Create|Delete|Describe|Update)Table|DescribeTimeToLive|ListTables|ListTagsOfResource|Query|Scan|(?:Un)?[tT]agResource)$/;
const refused = (reason: string) => answered(400, { __type: `com.amazon.coral.service#${reason}` });

/**
 * Starts the embedded DynamoDB on a free port of 127.0.0.1, in memory or, with `path`, on a folder whose data
 * survives the death of the process. It works in the calling thread.
 *
 * It is dynalite without dynalite's server, which only speaks to connections: ADR 20 says why.
 */
export async function startDynalite(options: { path?: string } = {}): Promise<RunningDynalite> {
  const store = create({ ...options, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  const tables = keepTables(store);

  const perform = (request: DynamoRequest, typesAreKnown: boolean) =>
    new Promise<DynamoAnswer>((resolve, reject) => {
      const settle = (error: unknown, answer?: unknown) => {
        if (request.target.endsWith('Table')) tables.clear();
        if (!isRefusal(error)) return error ? reject(error) : resolve(answered(200, answer));
        resolve(answered(error.statusCode, error.body));
      };
      const name = TARGET.exec(request.target)?.[1];
      if (name === undefined) return resolve(refused('UnknownOperationException'));
      const sent = objectOf(request.body);
      if (sent === undefined) return resolve(refused('SerializationException'));
      const { types, custom, action } = operationOf(name);
      try {
        const data = typesAreKnown ? sent : checkTypes(sent, types);
        checkValidations(data, typesAreKnown ? {} : types, custom, store);
        action(store, data, settle);
      } catch (error) {
        settle(error);
      }
    });

  const server = createServer(async (request, response) => {
    const body = (await buffer(request)).toString();
    const target = String(request.headers['x-amz-target']);
    const answer = await perform({ target, body }, false);
    response.writeHead(answer.statusCode, { 'content-type': 'application/x-amz-json-1.0' });
    response.end(answer.body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The embedded DynamoDB has no port.');
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    answer: (request) => perform(request, true),
    async stop() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
      await new Promise<void>((resolve, reject) => {
        store.lifecycleManager.gracefulClose((error) => (error ? reject(error) : resolve()));
      });
    },
  };
}

/** Each request asks for its table, a read of its own: what was answered is kept until a request changes tables. */
function keepTables(store: Store): Map<string, unknown> {
  const tables = new Map<string, unknown>();
  const getTable = store.getTable;
  store.getTable = (name, ...rest) => {
    const [first, got = first] = rest;
    if (first === false || got === false) return getTable(name, ...rest);
    if (tables.has(name)) return got(null, tables.get(name));
    getTable(name, (error, table) => {
      if (!error) tables.set(name, table);
      got(error, table);
    });
  };
  return tables;
}

const load = createRequire(import.meta.url);
const operations = new Map<string, Operation>();

function operationOf(name: string): Operation {
  const known = operations.get(name);
  if (known !== undefined) return known;
  const file = `${name.charAt(0).toLowerCase()}${name.slice(1)}.js`;
  const operation: Operation = {
    ...load(`dynalite/validations/${file}`),
    action: load(`dynalite/actions/${file}`),
  };
  operations.set(name, operation);
  return operation;
}

function objectOf(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function answered(statusCode: number, body: unknown): DynamoAnswer {
  return { statusCode, body: JSON.stringify(body) };
}

/** What DynamoDB itself would refuse; anything else that is thrown is a fault of the engine. */
function isRefusal(error: unknown): error is { statusCode: number; body: unknown } {
  return error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number';
}
