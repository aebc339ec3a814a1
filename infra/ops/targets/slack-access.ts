import { type AlertRules, alertRules } from '../../../shared/alerts/rules/settings.ts';
import {
  readSigningSecret,
  readSlackSettings,
  type SlackSettings,
} from '../../../shared/alerts/slack/slack-settings.ts';
import { readLiveSettings, readSandboxSettings, slackOf } from '../../local/data/environment.ts';
import { slackOfSandbox } from '../../sandbox/slack/slack-of-sandbox.ts';
import type { Target } from './target.ts';

/** What a command needs of Slack: how it is told, where clicks arrive and what proves them. */
export interface SlackAccess {
  settings: SlackSettings | undefined;
  signingSecret: string | undefined;
  /** Where Slack reports clicks; undefined while nothing listens. */
  actionsUrl: string | undefined;
  /** Whether a channel is told, and where, by rule. */
  rules: AlertRules;
}

export async function slackAccessOf(target: Target): Promise<SlackAccess> {
  const { where } = target;
  if (where.kind === 'aws') {
    const { outputs, secrets } = where;
    const channels = Object.entries(outputs.SlackChannels).map(([rule, slackChannel]) => [
      rule,
      { slackChannel },
    ]);
    return {
      settings: await readSlackSettings(secrets, outputs.SlackSecretArn),
      signingSecret: await readSigningSecret(secrets, outputs.SlackSigningSecretArn),
      actionsUrl: outputs.SlackActionsUrl,
      rules: alertRules.parse(Object.fromEntries(channels)),
    };
  }
  const settings = where.origin === 'sandbox' ? await readSandboxSettings() : await readLiveSettings();
  const own = slackOf(settings);
  const standIn =
    own === undefined && where.slackApi !== undefined ? slackOfSandbox(where.slackApi) : undefined;
  return {
    settings: own ?? standIn?.slack,
    signingSecret: standIn?.slackSigningSecret ?? settings.SLACK_SIGNING_SECRET,
    actionsUrl:
      target.callbackUrlBase === undefined
        ? undefined
        : new URL('/slack/actions', target.callbackUrlBase).href,
    rules: settings.ALERT_RULES,
  };
}
