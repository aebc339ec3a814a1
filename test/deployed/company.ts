import { type Sandbox, type SandboxOptions, startSandbox } from '../../infra/sandbox/sandbox.ts';
import { type SlackSandbox, startSlackSandbox } from '../../infra/sandbox/slack/slack-sandbox.ts';
import { type SlackStandIn, startSlackStandIn } from '../support/alerts/slack-stand-in.ts';
import { freePort } from '../support/processes/free-port.ts';

/** What a stage talks to outside AWS: Autodesk and Slack, both in this process. */
export interface Company {
  sandbox: Sandbox;
  client: { clientId: string; clientSecret: string };
  redirectUri: string;
  slack: SlackStandIn;
  /** The same for a stage that tells Slack as an app. */
  slackApp: SlackSandbox;
  close(): Promise<void>;
}

export async function startCompany(options: SandboxOptions): Promise<Company> {
  const client = { clientId: 'app', clientSecret: 'secret' };
  const redirectUri = `http://127.0.0.1:${await freePort()}/callback`;
  const sandbox = await startSandbox({
    ...options,
    clients: [{ ...client, redirectUris: [redirectUri] }],
  });
  const slack = await startSlackStandIn();
  const slackApp = await startSlackSandbox();
  return {
    sandbox,
    client,
    redirectUri,
    slack,
    slackApp,
    async close() {
      slack.close();
      await slackApp.close();
      await sandbox.close();
    },
  };
}
