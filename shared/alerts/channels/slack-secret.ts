import * as z from 'zod';
import { isPrivate } from '../../addresses.ts';
import type { SecretReader } from '../../secrets.ts';

/** The address of an incoming webhook as people configure it. It is a secret, and so is what is told. */
export const slackWebhookUrl = z.url().refine((text) => {
  const url = URL.parse(text);
  return url !== null && isPrivate(url);
}, 'must be https, or http on this machine');

const slackSecret = z.object({ webhookUrl: z.string() });

/**
 * The address of the webhook from the Slack secret, `{"webhookUrl": "https://..."}`. Undefined while the secret is
 * empty; an empty address for a secret of another shape, so that it is refused aloud instead of left out.
 */
export async function readWebhookUrl(secrets: SecretReader, secretArn: string): Promise<string | undefined> {
  const text = (await secrets.read(secretArn))?.trim();
  if (text === undefined || text === '' || text === '{}') return undefined;
  try {
    return slackSecret.parse(JSON.parse(text)).webhookUrl;
  } catch {
    return '';
  }
}
