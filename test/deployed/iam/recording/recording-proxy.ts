import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { actionsOf, callerOf, type PerformedAction } from './performed-actions.ts';

export interface RecordingProxy {
  url: string;
  /** Each action once, however often it was performed, in the order of the first time. */
  recorded(): PerformedAction[];
  close(): Promise<void>;
}

export interface RecordingProxyOptions {
  /** Where requests go, over HTTP. */
  upstream: URL;
  /** The account that callers are of. */
  account: string;
}

/**
 * Stands between the functions of one stage and AWS, passes everything on as it is, and notes what each function does.
 * `throughProxy` points the functions of a template here.
 */
export async function startRecordingProxy({
  upstream,
  account,
}: RecordingProxyOptions): Promise<RecordingProxy> {
  const seen = new Map<string, PerformedAction>();

  async function handle(incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
    const body = await buffer(incoming);
    const { method = '', url: path = '', headers } = incoming;
    const asked = { method, path, headers, body: body.toString() };
    for (const action of actionsOf(asked, { account, partition: 'aws' })) {
      const performed = { caller: callerOf(asked), ...action };
      seen.set(JSON.stringify(performed), performed);
    }
    const onward = request({
      host: upstream.hostname,
      port: upstream.port,
      method: incoming.method,
      path: incoming.url,
      headers: incoming.rawHeaders,
    });
    onward.end(body);
    const [response]: IncomingMessage[] = await once(onward, 'response');
    if (response === undefined) throw new Error('A response without a message.');
    answer.writeHead(response.statusCode ?? 502, response.rawHeaders);
    await pipeline(response, answer);
  }

  const server = createServer((incoming, answer) => {
    // Whoever hung up or did not answer: for the caller the connection is lost, and it tries again.
    handle(incoming, answer).catch(() => answer.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The proxy has no port.');
  return {
    url: `http://127.0.0.1:${address.port}`,
    recorded: () => [...seen.values()],
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
