import { createHash, timingSafeEqual } from 'node:crypto';
import * as z from 'zod';
import type { Clock } from '../clock.ts';
import { ConfigurationError } from '../errors.ts';
import type { Randomness } from '../randomness.ts';

/** 256 bits are 64 characters in hex and 43 in the widest alphabet that needs no escaping in a URL. */
const token = z.string().regex(/^[A-Za-z0-9_-]{43,128}$/, 'must be 43 to 128 URL-safe characters');

/** The secrets in the callback URL. `previous` stays valid until the next rotation. */
export const callbackSecret = z.object({ current: token, previous: token.optional() });
export type CallbackSecret = z.infer<typeof callbackSecret>;

/** Where the secret is kept. */
export interface CallbackTokens {
  /** Undefined while there is none. Throws `ConfigurationError` when what is kept cannot be used. */
  read(): Promise<CallbackSecret | undefined>;
  write(secret: CallbackSecret): Promise<void>;
}

/**
 * Puts a new token in force; the one in force until now stays valid until the next rotation. Replaces a secret
 * that cannot be used.
 */
export async function rotateCallbackToken(
  tokens: CallbackTokens,
  randomness: Randomness,
): Promise<CallbackSecret> {
  const old = await tokens.read().catch((error: unknown) => {
    if (error instanceof ConfigurationError) return undefined;
    throw error;
  });
  const rotated = { current: randomness.hex(32), ...(old && { previous: old.current }) };
  await tokens.write(rotated);
  return rotated;
}

/** The token in force; makes one where there is none. */
export async function currentCallbackToken(tokens: CallbackTokens, randomness: Randomness): Promise<string> {
  const secret = (await tokens.read()) ?? (await rotateCallbackToken(tokens, randomness));
  return secret.current;
}

/** A wrong token makes the secret be read again, but no more often than this, whatever is tried. */
const REREAD_AFTER_MS = 60_000;
/** Ends the life of a token that was rotated away, also where nobody tries another one. */
const TRUSTED_FOR_MS = 900_000;

/**
 * Tells whether a token is the current or the previous one, in a time that does not depend on how alike they are.
 * Keeps the secret in memory.
 */
export function createTokenCheck(
  tokens: Pick<CallbackTokens, 'read'>,
  clock: Clock,
): (offered: string) => Promise<boolean> {
  let secret: CallbackSecret | undefined;
  let readAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | undefined;

  const read = () => {
    reading ??= load().finally(() => {
      reading = undefined;
    });
    return reading;
  };
  const load = async () => {
    readAt = clock.now();
    try {
      secret = await tokens.read();
    } catch (error) {
      // With nothing to compare with, a failure must not turn the next callbacks away for a minute.
      if (secret === undefined) readAt = Number.NEGATIVE_INFINITY;
      throw error;
    }
  };

  return async (offered) => {
    // Callbacks come in bursts: those that meet a reading under way are judged by what it brings.
    if (reading !== undefined || clock.now() - readAt >= TRUSTED_FOR_MS) await read();
    if (matches(secret, offered)) return true;
    if (clock.now() - readAt < REREAD_AFTER_MS) return false;
    await read();
    return matches(secret, offered);
  };
}

function matches(secret: CallbackSecret | undefined, offered: string): boolean {
  if (!secret) return false;
  const isCurrent = equalInConstantTime(secret.current, offered);
  const isPrevious = equalInConstantTime(secret.previous ?? secret.current, offered);
  return isCurrent || isPrevious;
}

/** Compares hashes, because the comparison itself wants equal lengths. */
function equalInConstantTime(a: string, b: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(a), hash(b));
}
