import type { TokenGeneration, TokenVault } from '../../../shared/autodesk/connection/token-vault.ts';

/** A token vault in memory, held to the same contract as those on disk and in Secrets Manager. */
export function memoryTokenVault(first?: TokenGeneration): TokenVault {
  let newest = first;
  return {
    read: async () => newest,
    store: async (token) => {
      if (token.generation !== (newest?.generation ?? 0) + 1) return false;
      newest = token;
      return true;
    },
  };
}
