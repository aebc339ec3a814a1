import * as z from 'zod';
import { ConfigurationError } from '../../errors.ts';

/** One link of the chain of tokens: each refresh, and each sign-in, makes the next generation. */
export const tokenGeneration = z.object({
  generation: z.int().min(1),
  accessToken: z.string().min(1),
  accessTokenExpiresAt: z.iso.datetime(),
  refreshToken: z.string().min(1),
  obtainedAt: z.iso.datetime(),
  /** Of the seed that a chain of this vault was started with, so that it is never taken for a new one. */
  seedHash: z.string().optional(),
});
export type TokenGeneration = z.infer<typeof tokenGeneration>;

/** The one place where tokens are kept. */
export interface TokenVault {
  /** The newest generation; undefined while there is none. */
  read(): Promise<TokenGeneration | undefined>;
  /**
   * Stores the generation that follows the newest one, durably. Returns false, and changes nothing, where it does
   * not follow: another worker was faster.
   */
  store(token: TokenGeneration): Promise<boolean>;
}

/** A stored generation from its JSON. `place` is named in the error; the text never is. */
export function tokenGenerationFrom(text: string, place: string): TokenGeneration {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  const token = tokenGeneration.safeParse(value);
  if (token.success) return token.data;
  throw new ConfigurationError([`${place} does not contain a token; delete it and sign in again`]);
}
