import { parseEnv } from 'node:util';
import { PutSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import * as z from 'zod';
import { slackFields } from '../../../../shared/alerts/slack/slack-settings.ts';
import { loadConfiguration } from '../../../../shared/configuration.ts';
import { ask, readInput } from '../../terminal/ask.ts';
import { CommandFailedError } from '../../terminal/command-failed-error.ts';
import { type Terminal, tell } from '../../terminal/terminal.ts';
import { type Ops, opsCommand, UsageError } from '../command.ts';

/** What is asked for, or read from standard input; nothing of it is ever taken from the arguments. */
const QUESTIONS = [
  { name: 'AUTODESK_CLIENT_ID', question: 'Client id of the Autodesk app', isSecret: false },
  { name: 'AUTODESK_CLIENT_SECRET', question: 'Client secret (empty for a public app)', isSecret: true },
  { name: 'SLACK_BOT_TOKEN', question: 'Bot token of the Slack app (empty for no app)', isSecret: true },
  { name: 'SLACK_CHANNEL', question: 'Id of the Slack channel', isSecret: false },
  { name: 'SLACK_SIGNING_SECRET', question: 'Signing secret of the Slack app', isSecret: true },
  { name: 'SLACK_WEBHOOK_URL', question: 'URL of an incoming Slack webhook instead', isSecret: true },
] as const;

const answersSchema = z.object({
  AUTODESK_CLIENT_ID: z.string().optional(),
  AUTODESK_CLIENT_SECRET: z.string().optional(),
  AUTODESK_SERVICE_ACCOUNT_ID: z.string().optional(),
  AUTODESK_SERVICE_ACCOUNT_KEY_ID: z.string().optional(),
  AUTODESK_SERVICE_ACCOUNT_PRIVATE_KEY: z.string().optional(),
  ...slackFields,
});
type Answers = z.infer<typeof answersSchema>;

export function configure(ops: Ops) {
  const { terminal } = ops;
  return opsCommand(
    'configure',
    'set the secrets of a stage on AWS',
    'Prompts in a terminal; leave a value empty to keep it. Otherwise reads NAME=VALUE lines from standard ' +
      `input: ${QUESTIONS.map(({ name }) => name).join(', ')}; for a service account also AUTODESK_SERVICE_ACCOUNT_ID, ` +
      'AUTODESK_SERVICE_ACCOUNT_KEY_ID and AUTODESK_SERVICE_ACCOUNT_PRIVATE_KEY. Locally, set them in .env instead.',
  ).action((places) =>
    ops.open(places)(async ({ where }) => {
      if (where.kind === 'local') {
        throw new CommandFailedError(
          'There is nothing to configure locally.',
          'Set the variables in the environment or in .env (see README), or name a stage with --stage.',
        );
      }
      const answers = terminal.isInteractive ? await askAll(terminal) : await readResponses(terminal);
      const { outputs, secretsManager } = where;
      const connection = connectionSecret(answers);
      if (connection) {
        await put(secretsManager, outputs.ConnectionSecretArn, connection);
        tell(
          terminal,
          'Stored the credentials of the app. If no one has signed in yet, run `npm run ops -- authorize`.',
        );
      }
      const slack = slackSecret(answers);
      if (slack) {
        await put(secretsManager, outputs.SlackSecretArn, slack);
        tell(terminal, 'Stored how Slack is told. Test it with `npm run ops -- alerts-test`.');
      }
      const { SLACK_SIGNING_SECRET: signingSecret } = answers;
      if (signingSecret !== undefined) {
        await put(secretsManager, outputs.SlackSigningSecretArn, { signingSecret });
        tell(terminal, 'Stored the signing secret. Buttons work within two minutes.');
      }
      if (!connection && !slack && signingSecret === undefined) tell(terminal, 'Nothing changed.');
    }),
  );
}

async function askAll(terminal: Terminal): Promise<Answers> {
  const answers: Record<string, string> = {};
  for (const { name, question, isSecret } of QUESTIONS) {
    answers[name] = await ask(terminal, question, isSecret);
  }
  return loadConfiguration(answersSchema, answers);
}

async function readResponses(terminal: Terminal): Promise<Answers> {
  const answers = parseEnv(await readInput(terminal));
  if (Object.keys(answers).length > 0) return loadConfiguration(answersSchema, answers);
  throw new UsageError(
    'Standard input has no NAME=VALUE lines, and there is no terminal to prompt in.',
    'configure',
  );
}

function connectionSecret(answers: Answers): Record<string, string> | undefined {
  const { AUTODESK_CLIENT_ID: clientId, AUTODESK_CLIENT_SECRET: clientSecret } = answers;
  if (clientId === undefined) {
    if (clientSecret === undefined) return undefined;
    throw new UsageError('A client secret needs its client id.', 'configure');
  }
  const {
    AUTODESK_SERVICE_ACCOUNT_ID: serviceAccountId,
    AUTODESK_SERVICE_ACCOUNT_KEY_ID: keyId,
    AUTODESK_SERVICE_ACCOUNT_PRIVATE_KEY: privateKey,
  } = answers;
  if (serviceAccountId === undefined) {
    return { kind: 'three-legged', clientId, ...(clientSecret !== undefined && { clientSecret }) };
  }
  if (clientSecret === undefined || keyId === undefined || privateKey === undefined) {
    throw new UsageError(
      'A service account needs its key id, its private key and the client secret.',
      'configure',
    );
  }
  return { kind: 'service-account', clientId, clientSecret, serviceAccountId, keyId, privateKey };
}

/** One way replaces the other. */
function slackSecret(answers: Answers): Record<string, string> | undefined {
  const { SLACK_BOT_TOKEN: botToken, SLACK_CHANNEL: channel, SLACK_API_URL: apiUrl } = answers;
  if (botToken !== undefined && channel !== undefined) {
    return { botToken, channel, ...(apiUrl !== undefined && { apiUrl }) };
  }
  if (botToken !== undefined || channel !== undefined) {
    throw new UsageError('A Slack app needs its bot token and its channel.', 'configure');
  }
  return answers.SLACK_WEBHOOK_URL === undefined ? undefined : { webhookUrl: answers.SLACK_WEBHOOK_URL };
}

async function put(
  secretsManager: SecretsManagerClient,
  secretArn: string,
  value: Record<string, string>,
): Promise<void> {
  await secretsManager.send(
    new PutSecretValueCommand({ SecretId: secretArn, SecretString: JSON.stringify(value) }),
  );
}
