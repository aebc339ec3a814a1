import * as z from 'zod';
import { isLoopback, isPrivate } from '../../addresses.ts';
import type { SecretReader } from '../../secrets.ts';
import { SLACK_CHANNEL } from '../rules/settings.ts';

/** What people set, by its name. */
export const slackFields = {
  /** The address of an incoming webhook. It is a secret, and so is what is told. */
  SLACK_WEBHOOK_URL: z
    .url()
    .refine((text) => {
      const url = URL.parse(text);
      return url !== null && isPrivate(url);
    }, 'must be https, or http on this machine')
    .optional(),
  SLACK_BOT_TOKEN: z.string().regex(/^\S+$/, 'must be a token').optional(),
  /** Where the app tells what no rule tells elsewhere. */
  SLACK_CHANNEL: z.string().regex(SLACK_CHANNEL, 'must be the id or the name of a channel').optional(),
  SLACK_SIGNING_SECRET: z.string().regex(/^\S+$/, 'must be a secret').optional(),
  /** Where a stand-in for Slack's Web API is; Slack itself where there is none. */
  SLACK_API_URL: z
    .url()
    .refine((text) => {
      const url = URL.parse(text);
      return url !== null && url.protocol === 'http:' && isLoopback(url);
    }, 'must be http on this machine')
    .optional(),
};

/** How Slack is told: through an incoming webhook, or as an app, whose messages have buttons and are kept true. */
export type SlackSettings =
  | { kind: 'webhook'; webhookUrl: string }
  | { kind: 'app'; botToken: string; channel: string; apiUrl?: string };

const secretText = z.object({
  webhookUrl: z.string().optional(),
  botToken: z.string().optional(),
  channel: z.string().optional(),
  apiUrl: slackFields.SLACK_API_URL,
});

const signingText = z.object({ signingSecret: z.string().min(1) });

/** Chooses by what is configured: the app where there is a bot token with a channel, else the webhook. */
export function chooseSlack(given: {
  webhookUrl?: string | undefined;
  botToken?: string | undefined;
  channel?: string | undefined;
  apiUrl?: string | undefined;
}): SlackSettings | undefined {
  const { webhookUrl, botToken, channel, apiUrl } = given;
  if (botToken !== undefined && channel !== undefined) {
    return { kind: 'app', botToken, channel, ...(apiUrl !== undefined && { apiUrl }) };
  }
  return webhookUrl === undefined ? undefined : { kind: 'webhook', webhookUrl };
}

/**
 * The Slack secret, `{"botToken": "xoxb-...", "channel": "C..."}` or `{"webhookUrl": "https://..."}`. Undefined
 * while it is empty; an empty address for a secret of another shape, so that it is refused aloud instead of left out.
 */
export async function readSlackSettings(
  secrets: SecretReader,
  secretArn: string,
): Promise<SlackSettings | undefined> {
  const text = (await secrets.read(secretArn))?.trim();
  if (text === undefined || text === '' || text === '{}') return undefined;
  return chooseSlack(secretText.safeParse(jsonIn(text)).data ?? {}) ?? { kind: 'webhook', webhookUrl: '' };
}

/** The secret of the function that takes clicks, `{"signingSecret": "..."}`; undefined while it is empty. */
export async function readSigningSecret(
  secrets: SecretReader,
  secretArn: string,
): Promise<string | undefined> {
  const text = await secrets.read(secretArn);
  return signingText.safeParse(jsonIn(text ?? '')).data?.signingSecret;
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
