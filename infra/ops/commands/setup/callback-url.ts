import { systemRandomness } from '../../../../shared/randomness.ts';
import { currentSecret, rotateSecret } from '../../../../shared/rotation/rotating-secret.ts';
import { CommandFailedError } from '../../terminal/command-failed-error.ts';
import { print, tell } from '../../terminal/terminal.ts';
import { type Ops, opsCommand } from '../command.ts';

export function callbackUrl(ops: Ops) {
  return opsCommand(
    'callback-url',
    'print the callback URL for Data Connector requests, or rotate its secret',
    'Anyone who has the URL can start a sync, and nothing more. After a rotation the previous URL still works ' +
      'until the next rotation, so you can update requests one by one.',
  )
    .option('--rotate', 'create a new secret first')
    .action(({ rotate, ...places }) =>
      ops.open(places)(async ({ callbackTokens, callbackUrlBase }) => {
        const token = rotate
          ? (await rotateSecret(callbackTokens, systemRandomness)).current
          : await currentSecret(callbackTokens, systemRandomness);
        if (rotate) {
          tell(
            ops.terminal,
            'Rotated. The old URL works until the next rotation; put the new one in your requests.',
          );
        }
        if (callbackUrlBase === undefined) {
          throw new CommandFailedError(
            rotate ? 'The secret is rotated, but no endpoint is running.' : 'No endpoint is running.',
            'Run `npm start`, then run this again while it runs.',
          );
        }
        print(ops.terminal, `${callbackUrlBase}${token}`);
      }),
    );
}
