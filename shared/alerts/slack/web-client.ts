import { type Logger, LogLevel, WebClient } from '@slack/web-api';

/** One call; a delivery has room for a few of them that time out. */
const TIMEOUT_MS = 4_000;

/** Its logger would write to the console, with addresses in it. */
const SILENT: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  setLevel() {},
  getLevel: () => LogLevel.ERROR,
  setName() {},
};

/**
 * Slack's client as we use it: each call is made once, because a message that was repeated after a timeout would
 * stand there twice, and a 429 is left to whoever decides when to send again.
 */
export function createWebClient(options: {
  botToken: string;
  apiUrl?: string | undefined;
  fetch: typeof fetch;
}): WebClient {
  const { apiUrl } = options;
  return new WebClient(options.botToken, {
    ...(apiUrl !== undefined && { slackApiUrl: apiUrl.endsWith('/') ? apiUrl : `${apiUrl}/` }),
    allowAbsoluteUrls: false,
    fetch: options.fetch,
    timeout: TIMEOUT_MS,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logger: SILENT,
  });
}
