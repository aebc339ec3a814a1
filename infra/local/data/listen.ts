import { once } from 'node:events';
import type { Server } from 'node:http';
import { PortInUseError } from './errors.ts';

/**
 * Has a server listen on 127.0.0.1, and answers its port; 0 is any free one. Throws `PortInUseError`, which names the
 * option that chooses another.
 */
export async function listenLocally(server: Server, port: number, option: string): Promise<number> {
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  } catch (cause) {
    throw new PortInUseError(port, option, { cause });
  }
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return address.port;
}
