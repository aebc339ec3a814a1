import { userInfo } from 'node:os';

/** Who acts: the name given, else that of the account on this machine. */
export function operatorName(given: string | undefined): string {
  if (given !== undefined && given.trim() !== '') return given.trim();
  try {
    return userInfo().username;
  } catch {
    // In a container the account may have no name.
    return 'an operator';
  }
}
