import { createHmac, timingSafeEqual } from 'node:crypto';

const VERSION = 'v0';
/** As long before and after our own time may a request be signed: https://docs.slack.dev/authentication/verifying-requests-from-slack */
const TOLERANCE_SECONDS = 5 * 60;

export interface SignedRequest {
  /** Of the header `x-slack-request-timestamp`: seconds since 1970. */
  timestamp: string;
  /** Of the header `x-slack-signature`. */
  signature: string;
  /** As it came, byte for byte. */
  body: Buffer;
}

/** Whether a request is signed with the secret, and not too long ago. Takes as long whatever is wrong with it. */
export function isFromSlack(
  { timestamp, signature, body }: SignedRequest,
  secret: string,
  nowMs: number,
): boolean {
  if (!/^\d{1,12}$/.test(timestamp)) return false;
  if (Math.abs(nowMs / 1_000 - Number(timestamp)) > TOLERANCE_SECONDS) return false;
  const expected = Buffer.from(signatureOf(timestamp, body, secret));
  const offered = Buffer.from(signature);
  return offered.length === expected.length && timingSafeEqual(offered, expected);
}

/** The signature that Slack would give. */
export function signatureOf(timestamp: string, body: Buffer, secret: string): string {
  const hmac = createHmac('sha256', secret).update(`${VERSION}:${timestamp}:`).update(body);
  return `${VERSION}=${hmac.digest('hex')}`;
}
