import { timingSafeEqual } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';

/** Own files and own stream only; nothing inline, nothing evaluated, nothing from anywhere else. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HEADERS = {
  'content-security-policy': POLICY,
  'cache-control': 'no-store',
  // With `no-referrer` a browser would hide the origin of our own forms, too.
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

/** The names under which this machine may be asked for the console; any other is a page that was rebound to it. */
function isOurHost(host: string | undefined, port: number): boolean {
  return host === `127.0.0.1:${port}` || host === `localhost:${port}`;
}

/** Refuses whatever does not come from a page of ours: another host, and posts of another origin or without the token. */
export function guard(port: () => number, token: string): MiddlewareHandler {
  return async (c, next) => {
    for (const [name, value] of Object.entries(HEADERS)) c.header(name, value);
    const host = c.req.header('host');
    if (!isOurHost(host, port())) return c.text('This host is not served here.', 403);
    switch (c.req.method) {
      case 'GET':
      case 'HEAD':
        return next();
      case 'POST': {
        if (c.req.header('origin') !== `http://${host}`)
          return c.text('Another origin must not post here.', 403);
        const form = await c.req.parseBody();
        if (!isSame(String(form.token ?? ''), token)) {
          return c.text('The page is out of date: load it again.', 403);
        }
        return next();
      }
      default:
        return c.text('Method not allowed.', 405, { allow: 'GET, HEAD, POST' });
    }
  };
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
