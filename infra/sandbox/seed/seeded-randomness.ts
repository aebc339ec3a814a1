import type { Randomness } from '../../../shared/randomness.ts';

/** Chance that a seed decides: the same seed gives the same company, faults and life. */
export interface SeededRandomness extends Randomness {
  /** A whole number from 0 to `below` - 1. */
  integer(below: number): number;
  pick<T>(choices: readonly T[]): T;
  /** True with this probability, 0 to 1. */
  chance(probability: number): boolean;
}

export function seededRandomness(seed: string): SeededRandomness {
  let a = hash32(`${seed}/a`);
  let b = hash32(`${seed}/b`);
  let c = hash32(`${seed}/c`);
  let counter = 1;

  // The generator known as sfc32.
  function next32(): number {
    const sum = (a + b + counter) >>> 0;
    counter = (counter + 1) >>> 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) >>> 0;
    c = ((c << 21) | (c >>> 11)) >>> 0;
    c = (c + sum) >>> 0;
    return sum;
  }
  for (let round = 0; round < 12; round++) next32();

  const integer = (below: number) => Math.floor((next32() / 2 ** 32) * below);
  return {
    fraction: () => next32() / 2 ** 32,
    hex: (bytes) => {
      let text = '';
      while (text.length < bytes * 2) text += next32().toString(16).padStart(8, '0');
      return text.slice(0, bytes * 2);
    },
    integer,
    pick: (choices) => {
      const choice = choices[integer(choices.length)];
      if (choice === undefined) throw new RangeError('There is nothing to choose from.');
      return choice;
    },
    chance: (probability) => next32() / 2 ** 32 < probability,
  };
}

/** A well spread 32-bit number for a text (FNV-1a with a final mix); not for anything that must be secret. */
export function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
