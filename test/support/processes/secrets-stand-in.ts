import { once } from 'node:events';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import * as z from 'zod';

const request = z.object({ SecretId: z.string(), SecretString: z.string().optional() });

export interface SecretsStandIn {
  endpoint: string;
  /** Values by ARN; a secret that is not here has no value. */
  values: Map<string, string>;
  stop(): void;
}

/** Secrets Manager as far as the functions use it: reading a value and putting one. */
export async function startSecretsStandIn(): Promise<SecretsStandIn> {
  const values = new Map<string, string>();
  const server = createServer(async (incoming, answer) => {
    const { SecretId, SecretString } = request.parse(await json(incoming));
    if (SecretString !== undefined) values.set(SecretId, SecretString);
    const value = values.get(SecretId);
    answer.setHeader('content-type', 'application/x-amz-json-1.1');
    if (value === undefined) {
      answer.statusCode = 400;
      answer.end(JSON.stringify({ __type: 'ResourceNotFoundException', message: 'no value' }));
    } else {
      answer.end(JSON.stringify({ ARN: SecretId, Name: SecretId, SecretString: value }));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The secrets have no port.');
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    values,
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}
