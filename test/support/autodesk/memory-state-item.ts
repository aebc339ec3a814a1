import type { StateItem } from '../../../shared/dynamodb/state-item.ts';

/** A state item in memory, held to the same contract as the one in the State table. */
export function memoryStateItem<Value>(initial: Value): StateItem<Value> {
  let current = { value: initial, rev: 0 };
  return {
    read: async () => structuredClone(current),
    write: async (value, rev) => {
      if (rev !== current.rev) return false;
      current = { value: structuredClone(value), rev: rev + 1 };
      return true;
    },
  };
}
