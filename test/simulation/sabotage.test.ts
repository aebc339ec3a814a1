import { expect, it } from 'vitest';
import { checkHistories } from './check-histories.ts';
import { SABOTAGES } from './sabotage.ts';

const SEED = 5;
/** Most are caught within a few dozen. */
const ENOUGH = 1_500;

it.each(SABOTAGES)('catches that $name', { timeout: 60_000 }, async (sabotage) => {
  const { broken } = await checkHistories({ histories: ENOUGH, seed: SEED, sabotage, asFound: true });

  expect(broken).toBeDefined();
});
