import { json, type SandboxRequest, type SandboxResponse } from '../http/response.ts';
import {
  type Authorization,
  type ClientRegistration,
  GrantRefused,
  type TokenGrant,
} from './authorization.ts';
import type { VerifyAssertion } from './service-accounts.ts';
import { KNOWN_SCOPES } from './sign-in.ts';

export const TOKEN_PATH = '/authentication/v2/token';

export type TokenEndpoint = (request: SandboxRequest) => Promise<SandboxResponse>;

export function createTokenEndpoint(
  clients: readonly ClientRegistration[],
  authorization: Authorization,
  verifyAssertion: VerifyAssertion,
): TokenEndpoint {
  async function grant(client: ClientRegistration, form: URLSearchParams): Promise<TokenGrant> {
    const { clientId } = client;
    switch (form.get('grant_type')) {
      case 'authorization_code': {
        const verifier = form.get('code_verifier') ?? undefined;
        if (verifier !== undefined && !/^[\w.~-]{43,128}$/.test(verifier)) {
          throw new GrantRefused(400, 'invalid_request', 'code_verifier has to have 43 to 128 characters.');
        }
        return authorization.exchangeCode(
          clientId,
          field(form, 'code'),
          field(form, 'redirect_uri'),
          verifier,
        );
      }
      case 'refresh_token':
        return authorization.refresh(clientId, field(form, 'refresh_token'), scopesOf(form));
      case 'client_credentials':
        demandSecret(client);
        return authorization.grantWithoutRefresh(clientId, scopesOf(form) ?? [], 'app');
      case 'urn:ietf:params:oauth:grant-type:jwt-bearer': {
        demandSecret(client);
        const { scopes } = await verifyAssertion(clientId, field(form, 'assertion'));
        const wanted = scopesOf(form) ?? scopes;
        if (!wanted.every((scope) => scopes.includes(scope))) {
          throw new GrantRefused(400, 'invalid_scope', 'The scope is wider than that of the assertion.');
        }
        return authorization.grantWithoutRefresh(clientId, wanted, 'service-account');
      }
      default:
        throw new GrantRefused(400, 'unsupported_grant_type', 'The grant type is missing or not known.');
    }
  }

  return async (request) => {
    try {
      if (!request.contentType.startsWith('application/x-www-form-urlencoded')) {
        throw new GrantRefused(400, 'invalid_request', 'The body has to be form-encoded.');
      }
      const form = new URLSearchParams(request.body);
      return granted(await grant(authenticate(request.authorization, form, clients), form));
    } catch (error) {
      if (!(error instanceof GrantRefused)) throw error;
      return json(error.status, { error: error.code, error_description: error.message });
    }
  };
}

function authenticate(
  header: string | undefined,
  form: URLSearchParams,
  clients: readonly ClientRegistration[],
): ClientRegistration {
  const basic = header === undefined ? undefined : readBasic(header);
  if (basic !== undefined && (form.has('client_id') || form.has('client_secret'))) {
    throw new GrantRefused(
      400,
      'invalid_request',
      'Credentials belong in the header or in the body, not in both.',
    );
  }
  const clientId = basic?.clientId ?? form.get('client_id');
  const secret = basic?.secret ?? form.get('client_secret') ?? undefined;
  const client = clients.find((known) => known.clientId === clientId);
  // A public client has no secret, so it has to send none.
  if (client === undefined || client.clientSecret !== secret) {
    throw new GrantRefused(401, 'invalid_client', 'The client credentials are not valid.');
  }
  return client;
}

function readBasic(header: string): { clientId: string; secret: string } {
  const encoded = /^Basic (\S+)$/i.exec(header)?.[1];
  const [, clientId, secret] = /^([^:]*):(.*)$/.exec(Buffer.from(encoded ?? '', 'base64').toString()) ?? [];
  if (clientId === undefined || secret === undefined) {
    throw new GrantRefused(401, 'invalid_client', 'The authorization header is not of type Basic.');
  }
  return { clientId: decodeURIComponent(clientId), secret: decodeURIComponent(secret) };
}

function demandSecret(client: ClientRegistration): void {
  if (client.clientSecret === undefined) {
    throw new GrantRefused(400, 'unauthorized_client', 'A public client cannot use this grant type.');
  }
}

function field(form: URLSearchParams, name: string): string {
  const value = form.get(name);
  if (!value) throw new GrantRefused(400, 'invalid_request', `${name} is missing.`);
  return value;
}

function scopesOf(form: URLSearchParams): string[] | undefined {
  const scopes = form
    .get('scope')
    ?.split(' ')
    .filter((scope) => scope !== '');
  if (scopes === undefined || scopes.length === 0) return undefined;
  const unknown = scopes.find((scope) => !KNOWN_SCOPES.includes(scope));
  if (unknown !== undefined) throw new GrantRefused(400, 'invalid_scope', `Unknown scope ${unknown}.`);
  return scopes;
}

function granted(grant: TokenGrant): SandboxResponse {
  const answer = {
    access_token: grant.accessToken,
    ...(grant.refreshToken === undefined ? {} : { refresh_token: grant.refreshToken }),
    token_type: 'Bearer',
    expires_in: grant.expiresInSeconds,
  };
  return json(200, answer, { 'cache-control': 'no-store' });
}
