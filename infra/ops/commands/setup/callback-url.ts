import { currentCallbackToken, rotateCallbackToken } from '../../../../shared/callbacks/callback-tokens.ts';
import { systemRandomness } from '../../../../shared/randomness.ts';
import { CommandFailedError } from '../../terminal/command-failed-error.ts';
import { print, tell } from '../../terminal/terminal.ts';
import { defineCommand } from '../command.ts';

export const callbackUrl = defineCommand({
  name: 'callback-url',
  summary: 'print the address that Data Connector requests call back, or rotate its secret',
  details:
    'Whoever has the address can wake the sync up, and nothing more. After a rotation the address before it holds\n' +
    'until the next rotation, so that requests can be changed one by one.',
  options: { rotate: { type: 'boolean', help: 'put a new secret in force first' } },
  async run({ given, terminal, open }) {
    await open(async ({ callbackTokens, callbackUrlBase }) => {
      const token = given.rotate
        ? (await rotateCallbackToken(callbackTokens, systemRandomness)).current
        : await currentCallbackToken(callbackTokens, systemRandomness);
      if (given.rotate) {
        tell(
          terminal,
          'Rotated. The old address holds until the next rotation; give the new one to your requests.',
        );
      }
      if (callbackUrlBase === undefined) {
        throw new CommandFailedError(
          given.rotate ? 'The secret is rotated, but no endpoint listens now.' : 'No endpoint listens now.',
          'Run `npm start` and ask again while it runs.',
        );
      }
      print(terminal, `${callbackUrlBase}${token}`);
    });
  },
});
