import { currentCallbackToken, rotateCallbackToken } from '../../../../shared/callbacks/callback-tokens.ts';
import { systemRandomness } from '../../../../shared/randomness.ts';
import { CommandFailedError } from '../../terminal/command-failed-error.ts';
import { print, tell } from '../../terminal/terminal.ts';
import { defineCommand } from '../command.ts';

export const callbackUrl = defineCommand({
  name: 'callback-url',
  summary: 'print the callback URL for Data Connector requests, or rotate its secret',
  details:
    'Anyone who has the URL can start a sync, and nothing more. After a rotation the previous URL still works\n' +
    'until the next rotation, so you can update requests one by one.',
  options: { rotate: { type: 'boolean', help: 'create a new secret first' } },
  async run({ given, terminal, open }) {
    await open(async ({ callbackTokens, callbackUrlBase }) => {
      const token = given.rotate
        ? (await rotateCallbackToken(callbackTokens, systemRandomness)).current
        : await currentCallbackToken(callbackTokens, systemRandomness);
      if (given.rotate) {
        tell(
          terminal,
          'Rotated. The old URL works until the next rotation; put the new one in your requests.',
        );
      }
      if (callbackUrlBase === undefined) {
        throw new CommandFailedError(
          given.rotate ? 'The secret is rotated, but no endpoint is running.' : 'No endpoint is running.',
          'Run `npm start`, then run this again while it runs.',
        );
      }
      print(terminal, `${callbackUrlBase}${token}`);
    });
  },
});
