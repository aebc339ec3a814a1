import { slackAccessOf } from '../../targets/slack-access.ts';
import { CommandFailedError } from '../../terminal/command-failed-error.ts';
import { printJson } from '../../terminal/terminal.ts';
import { type Ops, opsCommand } from '../command.ts';

/** What Slack makes the app of: https://docs.slack.dev/reference/app-manifest */
function manifestFor(requestUrl: string) {
  return {
    display_information: {
      name: 'BuildingConnected alerts',
      description: 'File transfers that failed, with buttons to acknowledge them',
      background_color: '#0b5f8a',
    },
    features: { bot_user: { display_name: 'BuildingConnected alerts', always_online: false } },
    oauth_config: {
      scopes: { bot: ['chat:write', 'channels:history', 'channels:read', 'groups:history', 'groups:read'] },
    },
    settings: {
      interactivity: { is_enabled: true, request_url: requestUrl },
      org_deploy_enabled: false,
      socket_mode_enabled: false,
      token_rotation_enabled: false,
    },
  };
}

export function slackManifest(ops: Ops) {
  return opsCommand(
    'slack-manifest',
    'print the manifest of the Slack app, with the address for its buttons',
    'Paste it at https://api.slack.com/apps: Create New App, From a manifest. docs/slack.md has the steps.',
  )
    .option('--url <url>', 'the https address where Slack reaches this machine, such as a tunnel')
    .action(({ url, ...places }) =>
      ops.open(places)(async (target) => {
        const { actionsUrl } = await slackAccessOf(target);
        const address = url === undefined ? actionsUrl : new URL('/slack/actions', url).href;
        if (address === undefined) {
          throw new CommandFailedError(
            'Nothing takes clicks here.',
            'Run `npm start` first, name a stage with --stage, or give the address with --url.',
          );
        }
        printJson(ops.terminal, manifestFor(address));
      }),
    );
}
