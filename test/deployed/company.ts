import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../infra/sandbox/sandbox.ts';
import { freePort } from '../support/processes/free-port.ts';

/** What a stage talks to outside AWS: Autodesk and Slack, both in this process. */
export interface Company {
  sandbox: Sandbox;
  client: { clientId: string; clientSecret: string };
  redirectUri: string;
  slack: { url: string /** The headline of each message, oldest first. */; messages: string[] };
  close(): Promise<void>;
}

export async function startCompany(options: SandboxOptions): Promise<Company> {
  const client = { clientId: 'app', clientSecret: 'secret' };
  const redirectUri = `http://127.0.0.1:${await freePort()}/callback`;
  const sandbox = await startSandbox({
    ...options,
    clients: [{ ...client, redirectUris: [redirectUri] }],
  });
  const messages: string[] = [];
  const server = createServer(async (request, response) => {
    messages.push(await text(request));
    response.end('ok');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The Slack stand-in has no port.');
  return {
    sandbox,
    client,
    redirectUri,
    slack: { url: `http://127.0.0.1:${address.port}/hook`, messages },
    async close() {
      server.closeAllConnections();
      server.close();
      await sandbox.close();
    },
  };
}
