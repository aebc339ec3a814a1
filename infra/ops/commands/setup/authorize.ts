import { join } from 'node:path';
import { InvalidArgumentError } from '@commander-js/extra-typings';
import { AutodeskClient } from '../../../../shared/autodesk/client/client.ts';
import { MANAGEMENT_SCOPES, SCOPES } from '../../../../shared/autodesk/connection/credentials.ts';
import { FileTokenVault } from '../../../../shared/autodesk/connection/file-token-vault.ts';
import { startSignIn } from '../../../../shared/autodesk/connection/sign-in.ts';
import { TokenEndpoint } from '../../../../shared/autodesk/connection/token-endpoint.ts';
import type { TokenVault } from '../../../../shared/autodesk/connection/token-vault.ts';
import { systemClock } from '../../../../shared/clock.ts';
import { autodeskHttp } from '../../../../shared/composition/autodesk.ts';
import { silentLog } from '../../../../shared/observability/log.ts';
import { noMetrics } from '../../../../shared/observability/metrics.ts';
import { Usage } from '../../../../shared/observability/usage.ts';
import { systemRandomness } from '../../../../shared/randomness.ts';
import { timeText } from '../../../../shared/time-text.ts';
import {
  liveOriginOf,
  makeOriginFolder,
  managementFolder,
  rememberOrigin,
} from '../../../local/data/data-folder.ts';
import { readTimeZone } from '../../../local/data/environment.ts';
import {
  type AutodeskSettings,
  readAutodeskSettings,
  readLiveAutodeskSettings,
} from '../../targets/autodesk-access.ts';
import { managementSignInOf } from '../../targets/management-token.ts';
import { CommandFailedError } from '../../terminal/command-failed-error.ts';
import { type Terminal, tell } from '../../terminal/terminal.ts';
import { type Ops, opsCommand } from '../command.ts';
import { authorize as signIn } from './authorize/authorize.ts';
import { openBrowser } from './authorize/open-browser.ts';

const DEFAULT_REDIRECT_URI = 'http://127.0.0.1:8765/callback';
/** A person may have to look for a password. */
const PATIENCE_MS = 15 * 60_000;

export function authorize(ops: Ops) {
  return opsCommand(
    'authorize',
    'sign in to Autodesk as the user whose data is mirrored',
    'Signs in for `npm start -- --live`, before its first start or while it runs, using the app in AUTODESK_CLIENT_ID ' +
      'and AUTODESK_CLIENT_SECRET (environment or .env); with --stage, for that stage. The sandbox needs ' +
      "no sign-in. Opens Autodesk's page and stores the token that comes back. Over SSH, open the printed URL " +
      'anywhere and paste the URL the browser ends up at. A URL that belongs to a different sign-in is refused ' +
      'and ends the command. Syncs waiting for a sign-in resume on their own.\n\n' +
      `With --scopes ${MANAGEMENT_SCOPES.join(',')} it makes the management sign-in, with which something is set up ` +
      'at Autodesk (webhooks, Data Connector). It is kept apart from the one that the mirror reads with: for a ' +
      'stage in a secret of its own, which only the worker can use, to switch webhooks on again.',
  )
    .option('--redirect-uri <url>', 'a callback URL registered for the app', urlOf, DEFAULT_REDIRECT_URI)
    .option('--scopes <list>', 'what to ask for, separated by commas', scopesOf, SCOPES)
    .action(async ({ redirectUri, scopes, ...places }) => {
      const { terminal } = ops;
      const wish = { redirectUri, scopes, isForMirror: scopes.every((scope) => SCOPES.includes(scope)) };
      if (places.stage === undefined) return signInHere(places.dataDir, wish, terminal);
      await ops.open(places)(async (target) => {
        const vault = wish.isForMirror ? target.tokenVault : managementSignInOf(target).vault;
        await signInTo(await readAutodeskSettings(target), vault, target.timeZone, wish, terminal);
      });
    });
}

interface Wish {
  redirectUri: string;
  scopes: readonly string[];
  /** The sign-in that the mirror reads with, and not the management sign-in. */
  isForMirror: boolean;
}

function scopesOf(text: string): readonly string[] {
  const scopes = text.split(',').map((scope) => scope.trim());
  const isKnown = scopes.every((scope) => MANAGEMENT_SCOPES.includes(scope));
  if (isKnown && SCOPES.every((scope) => scopes.includes(scope))) return scopes;
  throw new InvalidArgumentError(`Choose data:read, or all of ${MANAGEMENT_SCOPES.join(',')}.`);
}

function urlOf(text: string): string {
  if (URL.canParse(text)) return text;
  throw new InvalidArgumentError('It must be a URL.');
}

/** Needs the folder only: neither the engines nor the lock, which another process may hold. */
async function signInHere(dataDir: string, wish: Wish, terminal: Terminal): Promise<void> {
  const [settings, timeZone] = await Promise.all([readLiveAutodeskSettings(), readTimeZone()]);
  const origin = liveOriginOf(settings.mode);
  const folder = await makeOriginFolder(dataDir, origin);
  const vaultFolder = wish.isForMirror ? join(folder, 'connection') : managementFolder(folder);
  await signInTo(settings, new FileTokenVault(vaultFolder), timeZone, wish, terminal);
  await rememberOrigin(dataDir, origin);
}

async function signInTo(
  { origin, mode, credentials }: AutodeskSettings,
  vault: TokenVault,
  timeZone: string,
  { redirectUri, scopes, isForMirror }: Wish,
  terminal: Terminal,
): Promise<void> {
  if (credentials.kind === 'service-account') {
    throw new CommandFailedError(
      'A service account does not sign in.',
      isForMirror
        ? 'No action needed: it works without consent.'
        : 'Set it up by hand at Autodesk, or give the stage an app that a person signs in to.',
    );
  }
  if (!isForMirror) {
    tell(
      terminal,
      `This asks for ${scopes.join(' ')}: create and write are needed to set up webhooks and Data Connector ` +
        "requests. The mirror's own sign-in stays as it is and can only read.",
    );
  }
  const clock = systemClock;
  const randomness = systemRandomness;
  const http = autodeskHttp({ origin, mode });
  const { user, expiresAt } = await signIn(
    startSignIn(origin, credentials.clientId, redirectUri, scopes, randomness),
    {
      endpoint: new TokenEndpoint(http, clock),
      credentials,
      vault,
      clock,
      whoIs: (value) =>
        new AutodeskClient({
          http,
          tokens: { get: async () => ({ value, generation: 1 }), refused: () => {} },
          // One call, by hand.
          budget: { take: async () => {}, pause: async () => {} },
          clock,
          randomness,
          log: silentLog,
          metrics: noMetrics,
          usage: new Usage(),
        }).signedInUser(),
      terminal,
      openBrowser,
      signal: AbortSignal.timeout(PATIENCE_MS),
    },
  );
  tell(
    terminal,
    `Signed in as ${user.email ?? user.id}. The sign-in lasts until ${timeText(expiresAt, timeZone)}; ` +
      `${isForMirror ? 'syncs renew' : 'each use of it renews'} it.`,
  );
}
