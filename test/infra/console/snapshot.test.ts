import { expect, it } from 'vitest';
import { Snapshot } from '../../../infra/console/reading/snapshot.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

function counted(clock = new VirtualClock()) {
  let reads = 0;
  const state: { failing: boolean } = { failing: false };
  const snapshot = new Snapshot(
    async () => {
      reads += 1;
      if (state.failing) throw new Error('no');
      return reads;
    },
    1_000,
    clock,
  );
  return { snapshot, clock, state };
}

it('is read once for all who ask at once', async () => {
  const { snapshot } = counted();
  expect(await Promise.all([snapshot.get(), snapshot.get()])).toEqual([1, 1]);
});

it('is answered as it is known while it is read anew', async () => {
  const { snapshot, clock } = counted();
  await snapshot.get();
  clock.jump(1_000);
  expect(await snapshot.get()).toBe(1);
  await Promise.resolve();
  expect(await snapshot.get()).toBe(2);
});

it('is waited for when nobody has asked for long, and after a change', async () => {
  const { snapshot, clock } = counted();
  await snapshot.get();
  clock.jump(5_000);
  expect(await snapshot.get()).toBe(2);
  expect(await snapshot.fresh()).toBe(3);
});

it('is read anew after a change, though it was just being read', async () => {
  const { snapshot, clock } = counted();
  await snapshot.get();
  clock.jump(1_000);
  await snapshot.get();
  expect(await snapshot.fresh()).toBe(3);
});

it('keeps what is known where reading it anew fails', async () => {
  const { snapshot, clock, state } = counted();
  await snapshot.get();
  state.failing = true;
  clock.jump(1_000);
  expect(await snapshot.get()).toBe(1);
  state.failing = false;
  await Promise.resolve();
  expect(await snapshot.get()).toBe(1);
});
