import {
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
} from '@slack/web-api';
import { believed } from '../../waits.ts';
import { ChannelRefusedError, ChannelUnavailableError } from '../channels/notifier.ts';

const SERVER_ERROR = 500;
const TOO_MANY_REQUESTS = 429;

/** Errors of Slack that pass by themselves: https://docs.slack.dev/reference/methods/chat.postMessage */
const PASSING = [
  'fatal_error',
  'internal_error',
  'rate_limited',
  'ratelimited',
  'request_timeout',
  'service_unavailable',
  'team_added_to_org',
];

/** Whether Slack answered with one of these errors. */
export function hasCode(error: unknown, codes: readonly string[]): boolean {
  return error instanceof WebAPIPlatformError && codes.includes(error.data.error);
}

/**
 * What a failed call means for the channel. The original errors can hold addresses and headers, so that only codes
 * are taken over.
 */
export function failureOf(error: unknown): unknown {
  if (error instanceof WebAPIRateLimitedError) {
    return new ChannelUnavailableError('slack', 'too many messages', believed(error.retryAfter * 1_000));
  }
  if (error instanceof WebAPIRequestError) {
    return new ChannelUnavailableError('slack', `no response (${error.original.name})`);
  }
  if (error instanceof WebAPIHTTPError) {
    const reason = `Slack returned ${error.statusCode}`;
    return error.statusCode >= SERVER_ERROR || error.statusCode === TOO_MANY_REQUESTS
      ? new ChannelUnavailableError('slack', reason)
      : new ChannelRefusedError('slack', reason);
  }
  if (error instanceof WebAPIPlatformError) {
    const { error: code } = error.data;
    const reason = /^[a-z_]{1,60}$/.test(code) ? `Slack returned ${code}` : 'Slack returned an error';
    return PASSING.includes(code)
      ? new ChannelUnavailableError('slack', reason)
      : new ChannelRefusedError('slack', reason);
  }
  // The client throws these for a 429 that names no wait, and for an answer that is not JSON.
  if (error instanceof Error && error.message.startsWith('Retry header')) {
    return new ChannelUnavailableError('slack', 'too many messages');
  }
  if (error instanceof SyntaxError) {
    return new ChannelRefusedError('slack', 'The response is not from Slack: it is not JSON.');
  }
  return error;
}
