import type { Json } from '../../../shared/json.ts';

export interface SandboxResponse {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** A request after it was read; `path` is decoded, `query` too. */
export interface SandboxRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  authorization: string | undefined;
  contentType: string;
  body: string;
}

export function jsonText(
  status: number,
  body: string,
  headers: Record<string, string> = {},
): SandboxResponse {
  return { status, headers: { 'content-type': 'application/json; charset=utf-8', ...headers }, body };
}

export function json(status: number, value: Json, headers: Record<string, string> = {}): SandboxResponse {
  return jsonText(status, JSON.stringify(value), headers);
}

export function html(status: number, body: string): SandboxResponse {
  return {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
      'cache-control': 'no-store',
    },
    body,
  };
}

export function redirectTo(location: string): SandboxResponse {
  return { status: 302, headers: { location, 'cache-control': 'no-store' }, body: '' };
}

/** An error of the gateway in front of all APIs: tokens and scopes. */
export function gatewayError(status: number, errorCode: string, developerMessage: string): SandboxResponse {
  return json(status, {
    developerMessage,
    moreInfo: 'https://aps.autodesk.com/en/docs/oauth/v2/developers_guide/error_handling/',
    errorCode,
  });
}

/** An error of BuildingConnected; the documentation gives no shape, so only the text can be relied on. */
export function buildingConnectedError(status: number, message: string, code?: string): SandboxResponse {
  return json(status, {
    message,
    errors: [{ message, ...(code === undefined ? {} : { errorCode: code }) }],
  });
}

export function dataConnectorError(status: number, title: string, detail: string): SandboxResponse {
  return json(status, { title, detail });
}

export function subscriptionRequired(): SandboxResponse {
  return buildingConnectedError(
    403,
    'A BuildingConnected Pro subscription is required for this operation.',
    'BC_PRO_SUBSCRIPTION_REQUIRED',
  );
}

export function appNotInAccount(): SandboxResponse {
  return dataConnectorError(
    403,
    'Forbidden',
    'The application is not authorized for this account. An account administrator has to add its client id as a custom integration.',
  );
}

export function tokenNotAccepted(): SandboxResponse {
  return gatewayError(401, 'AUTH-006', 'The access token is not valid or has expired.');
}
