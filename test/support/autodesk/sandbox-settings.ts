import { SANDBOX_CLIENT, type Sandbox } from '../../../infra/sandbox/sandbox.ts';

/** What `npm start -- --live` is told to work on the sandbox, as if somebody had just signed in. */
export function settingsForSandbox({ origin, accountIds, authorization }: Sandbox): Record<string, string> {
  const { clientId, clientSecret } = SANDBOX_CLIENT;
  return {
    AUTODESK_BASE_URL: origin,
    AUTODESK_CLIENT_ID: clientId,
    AUTODESK_CLIENT_SECRET: clientSecret,
    AUTODESK_REFRESH_TOKEN: authorization.issueRefreshToken(clientId, ['data:read']),
    AUTODESK_ACCOUNT_IDS: accountIds.join(','),
  };
}
