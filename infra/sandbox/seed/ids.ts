import type { Randomness } from '../../../shared/randomness.ts';

/** Ids of 24 hex digits as BuildingConnected's are: the second of creation, then what makes them unique. */
export interface Ids {
  at(createdMs: number): string;
}

export function idsFrom(randomness: Randomness): Ids {
  const maker = randomness.hex(5);
  let counter = 0;
  return {
    at(createdMs) {
      counter += 1;
      const second = Math.floor(createdMs / 1000);
      return `${second.toString(16).padStart(8, '0')}${maker}${counter.toString(16).padStart(6, '0')}`;
    },
  };
}

/** An id in the form of a UUID, as Data Connector's are. */
export function uuidFrom(randomness: Randomness): string {
  const hex = randomness.hex(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}
