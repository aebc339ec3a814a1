import { expect, it } from 'vitest';
import { checkHistories } from './check-histories.ts';
import { SABOTAGES } from './sabotage.ts';

const SEED = 8;
/** Most are caught within a hundred. */
const ENOUGH = 4_000;

it.each(SABOTAGES)('catches that $name', { timeout: 240_000 }, async (sabotage) => {
  const { broken } = await checkHistories({ histories: ENOUGH, seed: SEED, sabotage, asFound: true });

  expect(broken).toBeDefined();
});
