import { reportFailure } from '../../../../../shared/errors.ts';

/** What came of one check. `skipped`: it could not be made because an earlier one failed, or means nothing here. */
export interface CheckResult {
  check: string;
  outcome: 'pass' | 'fail' | 'skipped';
  /** What was found. */
  finding: string;
  /** What to do, where it failed. */
  remedy?: string;
}

/** Makes a check, which answers what it found or throws what is wrong. */
export async function makeCheck(check: string, work: () => Promise<string>): Promise<CheckResult> {
  try {
    return { check, outcome: 'pass', finding: await work() };
  } catch (error) {
    const { message, remedy } = reportFailure(error);
    return { check, outcome: 'fail', finding: message, remedy };
  }
}

export function skipped(check: string, finding: string): CheckResult {
  return { check, outcome: 'skipped', finding };
}
