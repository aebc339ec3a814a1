import type { SeededRandomness } from '../seeded-randomness.ts';
import type { Ids } from './ids.ts';

/** What every part of the generator needs. `nowMs` is the moment at which the company was made. */
export interface CompanyMaker {
  randomness: SeededRandomness;
  ids: Ids;
  nowMs: number;
}
