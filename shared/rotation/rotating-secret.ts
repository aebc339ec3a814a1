import { createHash, timingSafeEqual } from 'node:crypto';
import * as z from 'zod';
import type { Clock } from '../clock.ts';
import { ConfigurationError } from '../errors.ts';
import type { Randomness } from '../randomness.ts';

/** 256 bits are 64 characters in hex and 43 in the widest alphabet that needs no escaping in a URL. */
const secretText = z.string().regex(/^[A-Za-z0-9_-]{43,128}$/, 'must be 43 to 128 URL-safe characters');

/** A secret that others were given. `previous` stays valid until the next rotation. */
export const rotatingSecret = z.object({ current: secretText, previous: secretText.optional() });
export type RotatingSecret = z.infer<typeof rotatingSecret>;

/** Where a secret is kept. */
export interface SecretStore {
  /** Undefined while there is none. Throws `ConfigurationError` when what is kept cannot be used. */
  read(): Promise<RotatingSecret | undefined>;
  write(secret: RotatingSecret): Promise<void>;
}

/**
 * Puts a new secret in force; the one in force until now stays valid until the next rotation. Replaces one that cannot
 * be used.
 */
export async function rotateSecret(store: SecretStore, randomness: Randomness): Promise<RotatingSecret> {
  const old = await store.read().catch((error: unknown) => {
    if (error instanceof ConfigurationError) return undefined;
    throw error;
  });
  const rotated = { current: randomness.hex(32), ...(old && { previous: old.current }) };
  await store.write(rotated);
  return rotated;
}

/** The secret in force; makes one where there is none. */
export async function currentSecret(store: SecretStore, randomness: Randomness): Promise<string> {
  const secret = (await store.read()) ?? (await rotateSecret(store, randomness));
  return secret.current;
}

/** Ends the life of a secret that was rotated away, also where nobody tries another one. */
const TRUSTED_FOR_MS = 900_000;

/** What became of an offer; `unset`: there is no secret to compare with. */
export type SecretVerdict = 'right' | 'wrong' | 'unset';

/**
 * Tells whether what is offered proves knowledge of the current or the previous secret. Keeps the secret in memory.
 * `proves` must take as long whatever is wrong with the offer. A wrong offer makes the secret be read again, but
 * no more often than `rereadAfterMs`, whatever is tried: so soon a new secret is known.
 */
export function createSecretCheck<Offer>(
  store: Pick<SecretStore, 'read'>,
  proves: (secret: string, offer: Offer) => boolean,
  clock: Clock,
  rereadAfterMs: number,
): (offer: Offer) => Promise<SecretVerdict> {
  let secret: RotatingSecret | undefined;
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
      secret = await store.read();
    } catch (error) {
      // With nothing to compare with, a failure must not turn the next requests away for a minute.
      if (secret === undefined) readAt = Number.NEGATIVE_INFINITY;
      throw error;
    }
  };
  const verdict = (offer: Offer): SecretVerdict => {
    if (secret === undefined) return 'unset';
    const isCurrent = proves(secret.current, offer);
    const isPrevious = proves(secret.previous ?? secret.current, offer);
    return isCurrent || isPrevious ? 'right' : 'wrong';
  };

  return async (offer) => {
    // Requests come in bursts: those that meet a reading under way are judged by what it brings.
    if (reading !== undefined || clock.now() - readAt >= TRUSTED_FOR_MS) await read();
    const first = verdict(offer);
    if (first === 'right' || clock.now() - readAt < rereadAfterMs) return first;
    await read();
    return verdict(offer);
  };
}

/** Compares hashes, because the comparison itself wants equal lengths. */
export function equalInConstantTime(a: string, b: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(a), hash(b));
}

/** Throws `ConfigurationError` that names `source`, the problems and the command that makes a new one, never the text. */
export function parseRotatingSecret(text: string, source: string, rotateCommand: string): RotatingSecret {
  const result = rotatingSecret.safeParse(jsonOf(text));
  if (result.success) return result.data;
  throw new ConfigurationError([
    `${source}: not a usable secret (${result.error.issues.map((issue) => issue.message).join(', ')}); ` +
      `run \`${rotateCommand}\``,
  ]);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
