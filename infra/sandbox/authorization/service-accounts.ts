import { decodeProtectedHeader, errors, importSPKI, jwtVerify } from 'jose';
import * as z from 'zod';
import type { Clock } from '../../../shared/clock.ts';
import { GrantRefused } from './authorization.ts';

/** What an assertion has to be made out to; documented as this address wherever it is sent. */
const AUDIENCE = 'https://developer.api.autodesk.com/authentication/v2/token';
const MAXIMUM_LIFETIME_SECONDS = 300;

export interface ServiceAccount {
  id: string;
  /** The client that owns it. */
  clientId: string;
  keyId: string;
  /** RSA, PEM in SPKI form. */
  publicKey: string;
}

const claimsSchema = z.object({
  jti: z.string().min(1),
  iat: z.number(),
  exp: z.number(),
  scope: z.array(z.string()).min(1),
});

export type VerifyAssertion = (clientId: string, assertion: string) => Promise<{ scopes: string[] }>;

/** Checks the assertions of service accounts: RS256, the documented claims, at most five minutes, used once. */
export function createAssertionVerifier(accounts: readonly ServiceAccount[], clock: Clock): VerifyAssertion {
  const usedIds = new Set<string>();
  return async (clientId, assertion) => {
    const account = accounts.find(
      (known) => known.keyId === keyIdOf(assertion) && known.clientId === clientId,
    );
    if (account === undefined) throw refused('the key is not one of a service account of this client');
    const claims = await verify(assertion, account, clock);
    if (claims.exp - claims.iat > MAXIMUM_LIFETIME_SECONDS) throw refused('it lives longer than 300 seconds');
    if (usedIds.has(claims.jti)) throw refused('its jti was used before');
    usedIds.add(claims.jti);
    return { scopes: claims.scope };
  };
}

async function verify(assertion: string, account: ServiceAccount, clock: Clock) {
  try {
    const { payload } = await jwtVerify(assertion, await importSPKI(account.publicKey, 'RS256'), {
      algorithms: ['RS256'],
      issuer: account.clientId,
      subject: account.id,
      audience: AUDIENCE,
      currentDate: new Date(clock.now()),
      requiredClaims: ['iss', 'sub', 'aud', 'exp', 'iat', 'jti', 'scope'],
    });
    return claimsSchema.parse(payload);
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof z.ZodError) throw refused(error.message);
    throw error;
  }
}

function keyIdOf(assertion: string): string | undefined {
  try {
    return decodeProtectedHeader(assertion).kid;
  } catch {
    throw refused('it is not a signed JWT');
  }
}

function refused(reason: string): GrantRefused {
  return new GrantRefused(400, 'invalid_grant', `The assertion is not accepted: ${reason}.`);
}
