import { randomBytes } from 'node:crypto';

/** Chance as the cores see it; passed in, so that a test or a simulation owns it. */
export interface Randomness {
  /** A number in [0, 1), for jitter. */
  fraction(): number;
  /** `bytes` random bytes as lower-case hex, for ids and tokens. */
  hex(bytes: number): string;
}

export const systemRandomness: Randomness = {
  fraction: () => Math.random(),
  hex: (bytes) => randomBytes(bytes).toString('hex'),
};
