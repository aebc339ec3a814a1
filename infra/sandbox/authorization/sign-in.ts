import { escapeHtml } from '../../../shared/escape-html.ts';
import type { JsonObject } from '../../../shared/json.ts';
import { html, redirectTo, type SandboxRequest, type SandboxResponse } from '../http/response.ts';
import type { Authorization, ClientRegistration } from './authorization.ts';

export const AUTHORIZE_PATH = '/authentication/v2/authorize';

/** The scopes an app can ask for that this sandbox has a use for. */
export const KNOWN_SCOPES = [
  'data:read',
  'data:write',
  'data:create',
  'user:read',
  'user-profile:read',
  'account:read',
  'openid',
];

/** The fields that go from the address of the page through its form. */
const FIELDS = [
  'client_id',
  'response_type',
  'redirect_uri',
  'scope',
  'state',
  'code_challenge',
  'code_challenge_method',
] as const;

interface SignInRequest {
  client: ClientRegistration;
  redirectUri: string;
  state: string | undefined;
  scopes: string[];
  challenge: string | undefined;
}

/** Says to the app that it cannot have what it asks for, by sending the person back with an error. */
class SentBack extends Error {
  readonly code: string;

  constructor(code: string, description: string) {
    super(description);
    this.code = code;
  }
}

/** Without a trusted address to send the person back to there is only a page that says what is wrong. */
class CannotSendBack extends Error {}

export type SignIn = (request: SandboxRequest) => SandboxResponse;

/** The page on which a person allows an app to act for them: GET shows it, POST is what its buttons send. */
export function createSignIn(
  clients: readonly ClientRegistration[],
  authorization: Authorization,
  user: JsonObject,
): SignIn {
  return (request) => {
    const parameters = request.method === 'POST' ? new URLSearchParams(request.body) : request.query;
    try {
      const { client, redirectUri, state } = readReturnAddress(parameters, clients);
      try {
        const wish = readSignIn(parameters, client, redirectUri, state);
        if (request.method !== 'POST') return html(200, consentPage(parameters, wish, user));
        if (parameters.get('decision') !== 'allow')
          throw new SentBack('access_denied', 'The user denied access.');
        const code = authorization.issueCode(client.clientId, redirectUri, wish.scopes, wish.challenge);
        return sendBack(redirectUri, { code, state });
      } catch (error) {
        if (!(error instanceof SentBack)) throw error;
        return sendBack(redirectUri, { error: error.code, error_description: error.message, state });
      }
    } catch (error) {
      if (!(error instanceof CannotSendBack)) throw error;
      return html(400, page('Sign-in is not possible', `<p role="alert">${escapeHtml(error.message)}</p>`));
    }
  };
}

function readReturnAddress(parameters: URLSearchParams, clients: readonly ClientRegistration[]) {
  const clientId = parameters.get('client_id');
  const client = clients.find((known) => known.clientId === clientId);
  if (client === undefined)
    throw new CannotSendBack(`No app with the client id "${clientId ?? ''}" is registered.`);
  const redirectUri = parameters.get('redirect_uri') ?? '';
  if (!client.redirectUris.includes(redirectUri)) {
    throw new CannotSendBack(
      `The redirect URL "${redirectUri}" is not registered for this app. Add it to the callback URLs of the app.`,
    );
  }
  const state = parameters.get('state') ?? undefined;
  if (state !== undefined && !/^[\w.,-]*$/.test(state)) {
    throw new CannotSendBack(
      'The state may hold letters, digits, comma, period, underscore and hyphen only.',
    );
  }
  return { client, redirectUri, state };
}

function readSignIn(
  parameters: URLSearchParams,
  client: ClientRegistration,
  redirectUri: string,
  state: string | undefined,
): SignInRequest {
  if (parameters.get('response_type') !== 'code') {
    throw new SentBack('unsupported_response_type', 'The response type has to be code.');
  }
  const scopes = (parameters.get('scope') ?? '').split(' ').filter((scope) => scope !== '');
  const allowed = client.scopes ?? KNOWN_SCOPES;
  const unknown = scopes.find((scope) => !allowed.includes(scope));
  if (scopes.length === 0 || unknown !== undefined) {
    throw new SentBack(
      'invalid_scope',
      unknown === undefined ? 'A scope is missing.' : `The app may not ask for the scope ${unknown}.`,
    );
  }
  const challenge = parameters.get('code_challenge') ?? undefined;
  if (challenge !== undefined && parameters.get('code_challenge_method') !== 'S256') {
    throw new SentBack('invalid_request', 'The code challenge method has to be S256.');
  }
  if (challenge === undefined && client.clientSecret === undefined) {
    throw new SentBack('invalid_request', 'A public client has to send a code challenge.');
  }
  return { client, redirectUri, state, scopes, challenge };
}

function sendBack(redirectUri: string, answer: Record<string, string | undefined>): SandboxResponse {
  const address = new URL(redirectUri);
  for (const [name, value] of Object.entries(answer)) {
    if (value !== undefined) address.searchParams.set(name, value);
  }
  return redirectTo(address.href);
}

function consentPage(parameters: URLSearchParams, wish: SignInRequest, user: JsonObject): string {
  const fields = FIELDS.flatMap((name) => {
    const value = parameters.get(name);
    return value === null ? [] : [`<input type="hidden" name="${name}" value="${escapeHtml(value)}">`];
  });
  const scopes = wish.scopes.map((scope) => `<li><code>${escapeHtml(scope)}</code></li>`);
  return page(
    'Allow access?',
    `<p>You are signed in as <strong>${escapeHtml(`${user.firstName} ${user.lastName}`)}</strong>
  (${escapeHtml(String(user.email))}).</p>
<p>The app <strong>${escapeHtml(wish.client.clientId)}</strong> asks for:</p>
<ul>${scopes.join('')}</ul>
<form method="post" action="${AUTHORIZE_PATH}">
  ${fields.join('\n  ')}
  <button type="submit" name="decision" value="allow">Allow</button>
  <button type="submit" name="decision" value="deny">Deny</button>
</form>`,
  );
}

function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} - Autodesk sandbox</title>
<style>
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 30rem; margin: 4rem auto; padding: 0 1rem; }
button { font: inherit; padding: .5rem 1.5rem; margin-right: .5rem; }
</style>
</head>
<body>
<main>
<h1>${title}</h1>
${content}
<p><small>This is a sandbox on your own machine. Nothing here reaches Autodesk.</small></p>
</main>
</body>
</html>
`;
}
