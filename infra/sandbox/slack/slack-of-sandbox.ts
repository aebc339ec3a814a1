import type { SlackSettings } from '../../../shared/alerts/slack/slack-settings.ts';
import { SANDBOX_SLACK } from './workspace.ts';

/** The app in the sandbox's Slack, whose Web API is at this address, with what its clicks are signed with. */
export function slackOfSandbox(apiUrl: string): { slack: SlackSettings; slackSigningSecret: string } {
  const { botToken, channel, signingSecret } = SANDBOX_SLACK;
  return {
    slack: { kind: 'app', botToken, channel, apiUrl },
    slackSigningSecret: signingSecret,
  };
}
