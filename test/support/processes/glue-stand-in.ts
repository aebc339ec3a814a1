import { once } from 'node:events';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import * as z from 'zod';

const table = z.looseObject({
  Name: z.string(),
  Parameters: z.record(z.string(), z.string()),
  StorageDescriptor: z.looseObject({ Location: z.string() }),
});
const request = z.object({ Name: z.string().optional(), TableInput: table.optional() });

export interface GlueStandIn {
  endpoint: string;
  /** By name. */
  tables: Map<string, z.infer<typeof table>>;
  stop(): void;
}

/** The Glue Data Catalog as far as publishing uses it: one database, whose tables are looked up, created and changed. */
export async function startGlueStandIn(): Promise<GlueStandIn> {
  const tables = new Map<string, z.infer<typeof table>>();
  const server = createServer(async (incoming, answer) => {
    const { Name = '', TableInput } = request.parse(await json(incoming));
    if (TableInput !== undefined) tables.set(TableInput.Name, TableInput);
    const found = TableInput ?? tables.get(Name);
    answer.setHeader('content-type', 'application/x-amz-json-1.1');
    if (found === undefined) {
      answer.statusCode = 400;
      answer.end(JSON.stringify({ __type: 'EntityNotFoundException', message: 'no such table' }));
    } else {
      answer.end(JSON.stringify({ Table: found }));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('Glue has no port.');
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    tables,
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}
