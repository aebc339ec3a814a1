import { AutodeskClient } from '../../../shared/autodesk/client.ts';
import { AutodeskHttp } from '../../../shared/autodesk/http.ts';
import { startSignIn } from '../../../shared/autodesk/sign-in.ts';
import { TokenEndpoint } from '../../../shared/autodesk/token-endpoint.ts';
import { Usage } from '../../../shared/observability/usage.ts';
import { authorize as signIn } from '../authorize/authorize.ts';
import { openBrowser } from '../authorize/open-browser.ts';
import { readAutodeskSettings } from '../autodesk-access.ts';
import { CommandFailedError, defineCommand, UsageError } from '../command.ts';
import { storesOf } from '../stores.ts';
import { tell } from '../terminal.ts';

const DEFAULT_REDIRECT_URI = 'http://127.0.0.1:8765/callback';
const REQUEST_TIMEOUT_MS = 30_000;
/** A person may have to look for a password. */
const PATIENCE_MS = 15 * 60_000;

export const authorize = defineCommand({
  name: 'authorize',
  summary: 'sign in to Autodesk as the user whose data is mirrored',
  details:
    "Opens Autodesk's page and stores the token that comes back. Over SSH open the printed address anywhere and\n" +
    'paste the address that the browser ends at. Syncs that wait for a sign-in go on by themselves.',
  options: {
    'redirect-uri': {
      type: 'string',
      value: 'URL',
      help: `a callback URL registered for the app (default ${DEFAULT_REDIRECT_URI})`,
    },
  },
  async run({ given, terminal, open }) {
    const redirectUri = given['redirect-uri'] ?? DEFAULT_REDIRECT_URI;
    if (!URL.canParse(redirectUri)) throw new UsageError(`${redirectUri} is no address.`, 'authorize');
    await open(async (workplace) => {
      const { origin, mode, credentials } = await readAutodeskSettings(workplace);
      if (credentials.kind === 'service-account') {
        throw new CommandFailedError('A service account does not sign in.', 'Nothing: it needs no consent.');
      }
      const { clock, randomness, log, metrics } = storesOf(workplace);
      const timeoutMs = REQUEST_TIMEOUT_MS;
      const http = new AutodeskHttp({ fetch: globalThis.fetch, origin, timeoutMs, ...(mode && { mode }) });
      const signedIn = await signIn(startSignIn(origin, credentials.clientId, redirectUri, randomness), {
        endpoint: new TokenEndpoint(http, clock),
        credentials,
        vault: workplace.tokenVault,
        clock,
        whoIs: (value) =>
          new AutodeskClient({
            http,
            tokens: { get: async () => ({ value, generation: 1 }), refused: () => {} },
            // One call, by hand.
            budget: { take: async () => {}, pause: async () => {} },
            clock,
            randomness,
            log,
            metrics,
            usage: new Usage(),
          }).signedInUser(),
        terminal,
        openBrowser,
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      const { user, daysLeft } = signedIn;
      tell(
        terminal,
        `Signed in as ${user.email ?? user.id}. The connection lives ${daysLeft} days, renewed daily.`,
      );
    });
  },
});
