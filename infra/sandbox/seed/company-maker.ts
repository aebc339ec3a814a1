import type { Ids } from './ids.ts';
import type { SeededRandomness } from './seeded-randomness.ts';

/** What every part of the generator needs. `nowMs` is the moment at which the company was made. */
export interface CompanyMaker {
  randomness: SeededRandomness;
  ids: Ids;
  nowMs: number;
}
