import { generateKeyPairSync } from 'node:crypto';
import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import { EMPTY_LEDGER } from '../../shared/autodesk/connection/refresh-ledger.ts';
import { ServiceAccountConnection } from '../../shared/autodesk/connection/service-account.ts';
import { TokenEndpoint } from '../../shared/autodesk/connection/token-endpoint.ts';
import { AutodeskHttp } from '../../shared/autodesk/http/http.ts';
import { autodeskOrigin } from '../../shared/autodesk/http/origin.ts';
import { reportFailure } from '../../shared/errors.ts';
import { systemRandomness } from '../../shared/randomness.ts';
import { fakeFetch, json } from '../support/autodesk/fake-fetch.ts';
import { memoryStateItem } from '../support/autodesk/memory-state-item.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const CLIENT_SECRET = 'planted-client-secret-9f3a7c1e5b8d2046';
const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});
const [, middle = ''] = privateKey.split('\n');

it.each([
  ['is refused by a server that repeats what it was sent', privateKey],
  ['has lost its first line', privateKey.slice(privateKey.indexOf('\n'))],
  ['was cut', privateKey.slice(0, 900)],
])('the private key of a service account is in no error when it %s', async (_what, pem) => {
  const clock = new VirtualClock();
  const everything = `${pem} ${CLIENT_SECRET}`;
  const { fetch } = fakeFetch(
    json({ error: 'invalid_grant', error_description: everything, title: everything }, { status: 400 }),
  );
  const origin = autodeskOrigin.parse('https://autodesk.test');
  const connection = new ServiceAccountConnection({
    endpoint: new TokenEndpoint(new AutodeskHttp({ fetch, origin, timeoutMs: 1_000 }), clock),
    ledger: memoryStateItem(EMPTY_LEDGER),
    credentials: async () => ({
      kind: 'service-account',
      clientId: 'app',
      clientSecret: CLIENT_SECRET,
      serviceAccountId: 'robot',
      keyId: 'key-1',
      privateKey: pem,
    }),
    clock,
    randomness: systemRandomness,
  });

  const error = await connection.get().catch((caught: unknown) => caught);

  expect(error).toBeInstanceOf(Error);
  const told = `${inspect(error, { depth: 10, showHidden: true })} ${JSON.stringify(reportFailure(error))}`;
  expect(told).not.toContain(middle.slice(0, 20));
  expect(told).not.toContain(CLIENT_SECRET);
});
