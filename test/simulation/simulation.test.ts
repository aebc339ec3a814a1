import { expect, it } from 'vitest';
import { checkHistories, describeBroken } from './check-histories.ts';

/** What a machine manages well within a minute; `npm run simulate` plays others, and as many as asked for. */
const HISTORIES = 1_500;
const SEED = 20_261_101;

it('keeps the invariants of the sync, whatever fails and whoever dies', { timeout: 240_000 }, async () => {
  const { broken, histories } = await checkHistories({ histories: HISTORIES, seed: SEED });

  expect(broken && describeBroken(broken)).toBeUndefined();
  expect(histories).toBe(HISTORIES);
});
