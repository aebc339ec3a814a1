import type { CallbackStore, StoredCallback } from '../../../shared/callbacks/callback.ts';

export function createInMemoryCallbackStore(): CallbackStore {
  const callbacks = new Map<string, StoredCallback>();
  const keyOf = (accountId: string, jobId: string) => `${accountId}/${jobId}`;

  return {
    async record(callback) {
      const key = keyOf(callback.accountId, callback.jobId);
      if (callbacks.has(key)) return 'duplicate';
      callbacks.set(key, { ...callback, state: 'received', attempts: 0, dueAt: callback.receivedAt });
      return 'recorded';
    },

    async find(accountId, jobId) {
      const found = callbacks.get(keyOf(accountId, jobId));
      return found && { ...found };
    },

    async *list(accountId, state) {
      const ofAccount = [...callbacks.values()]
        .filter((callback) => callback.accountId === accountId)
        .filter((callback) => state === undefined || callback.state === state)
        .sort((a, b) => (a.jobId < b.jobId ? -1 : 1));
      for (const callback of ofAccount) yield { ...callback };
    },

    async advance(callback, progress) {
      const key = keyOf(callback.accountId, callback.jobId);
      const stored = callbacks.get(key);
      if (!stored) return false;
      const unchanged = (['state', 'attempts', 'dueAt'] as const).every(
        (field) => stored[field] === callback[field],
      );
      if (unchanged) callbacks.set(key, { ...stored, ...progress });
      return unchanged;
    },
  };
}
