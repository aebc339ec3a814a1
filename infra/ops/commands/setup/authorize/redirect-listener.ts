import { once } from 'node:events';
import { createServer } from 'node:http';
import { finished } from 'node:stream/promises';

/** A browser that was sent back to this machine, and waits for a page. */
export interface Visit {
  /** The whole address, with the code or the error. */
  address: string;
  /** Shows a page, and waits until it was sent or nobody waits for it any more. */
  reply(title: string, text: string): Promise<void>;
}

export interface RedirectListener {
  visit: Promise<Visit>;
  close(): void;
}

/** Waits on 127.0.0.1 for the browser to come back to `redirectUri`, which is http on loopback. */
export async function listenForRedirect(redirectUri: URL): Promise<RedirectListener> {
  const { promise: visit, resolve } = Promise.withResolvers<Visit>();
  const server = createServer((request, response) => {
    const url = URL.parse(request.url ?? '/', redirectUri.origin);
    if (request.method !== 'GET' || url?.pathname !== redirectUri.pathname) {
      response.writeHead(404, { connection: 'close' }).end();
      return;
    }
    resolve({
      address: url.href,
      reply: async (title, text) => {
        const headers = {
          'content-type': 'text/html; charset=utf-8',
          // The address holds the code: it must not go on to other pages.
          'referrer-policy': 'no-referrer',
          'content-security-policy': "default-src 'none'",
          connection: 'close',
        };
        response.writeHead(200, headers).end(page(title, text));
        // The person may have closed the window meanwhile.
        await finished(response).catch(() => {});
      },
    });
  });
  server.listen(Number(redirectUri.port || 80), '127.0.0.1');
  await once(server, 'listening');
  return {
    visit,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function page(title: string, text: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${escapeHtml(title)}</title></head>
<body><main><h1>${escapeHtml(title)}</h1><p>${escapeHtml(text)}</p></main></body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
