import { randomBytes } from 'node:crypto';
import type { Target } from '../../../targets/target.ts';
import { CommandFailedError } from '../../../terminal/command-failed-error.ts';
import { type CheckResult, makeCheck, skipped } from './check.ts';
import { statusOf } from './status-of.ts';

/** A GET is refused by the function itself and changes nothing: 405 with the right token, 404 with any other. */
export async function checkEndpoint({ callbackTokens, callbackUrlBase }: Target): Promise<CheckResult> {
  const check = 'callback endpoint';
  if (callbackUrlBase === undefined) return skipped(check, 'runs only with `npm start`');
  return makeCheck(check, async () => {
    const secret = await callbackTokens.read();
    if (secret === undefined) {
      throw new CommandFailedError('There is no callback secret.', 'Run `npm run ops -- callback-url`.');
    }
    const statusOfOwn = await statusOf(`${callbackUrlBase}${secret.current}`);
    if (statusOfOwn !== 405) {
      throw new CommandFailedError(
        `The endpoint returns ${statusOfOwn} for its own secret.`,
        'After a rotation this takes up to a minute; if it continues, check the intake logs.',
      );
    }
    const statusOfOther = await statusOf(`${callbackUrlBase}${randomBytes(32).toString('hex')}`);
    if (statusOfOther !== 404) {
      throw new CommandFailedError(
        `The endpoint returns ${statusOfOther} for a wrong secret.`,
        'Check what sits in front of the intake: something else is responding.',
      );
    }
    return 'accepts its secret and no other';
  });
}
