import {
  GetSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { readSigningSecret, readSlackSettings } from '../../shared/alerts/slack/slack-settings.ts';
import { createSecretReader } from '../../shared/secrets.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const ARN = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:slack';
const client = new SecretsManagerClient({ region: 'eu-west-1' });
const secretsManager = mockClient(client);

beforeEach(() => {
  secretsManager.reset();
});

function aReader() {
  const clock = new VirtualClock();
  return { clock, secrets: createSecretReader(client, clock) };
}

describe('the secret reader', () => {
  it('asks once in two minutes, and then sees what was replaced', async () => {
    const { clock, secrets } = aReader();
    secretsManager.on(GetSecretValueCommand).resolves({ SecretString: 'old' });
    await secrets.read(ARN);
    secretsManager.on(GetSecretValueCommand).resolves({ SecretString: 'new' });
    expect(await secrets.read(ARN)).toBe('old');
    clock.jump(120_000);

    expect(await secrets.read(ARN)).toBe('new');
    expect(secretsManager.commandCalls(GetSecretValueCommand)).toHaveLength(2);
  });

  it('takes a secret without a value for none, and throws what is wrong otherwise', async () => {
    secretsManager
      .on(GetSecretValueCommand)
      .rejectsOnce(new ResourceNotFoundException({ message: '', $metadata: {} }))
      .rejects(new Error('denied'));

    expect(await aReader().secrets.read(ARN)).toBeUndefined();
    await expect(aReader().secrets.read(ARN)).rejects.toThrow('denied');
  });
});

describe('how Slack is told', () => {
  it.each([
    [
      '{"webhookUrl":"https://hooks.slack.example/x"}',
      { kind: 'webhook', webhookUrl: 'https://hooks.slack.example/x' },
    ],
    ['{"botToken":"xoxb-1","channel":"C1"}', { kind: 'app', botToken: 'xoxb-1', channel: 'C1' }],
    [
      '{"botToken":"xoxb-1","channel":"C1","webhookUrl":"https://x"}',
      { kind: 'app', botToken: 'xoxb-1', channel: 'C1' },
    ],
    ['{}', undefined],
    ['nonsense', { kind: 'webhook', webhookUrl: '' }],
    ['{"webhook":1}', { kind: 'webhook', webhookUrl: '' }],
    [
      '{"botToken":"xoxb-1","channel":"C1","apiUrl":"https://elsewhere.example/"}',
      { kind: 'webhook', webhookUrl: '' },
    ],
    ['{"botToken":"xoxb-1"}', { kind: 'webhook', webhookUrl: '' }],
  ])('by the secret %s', async (text, settings) => {
    expect(await readSlackSettings({ read: async () => text }, ARN)).toEqual(settings);
  });
});

describe('the signing secret of Slack', () => {
  it.each([
    ['{"signingSecret":"abc"}', 'abc'],
    ['{"signingSecret":""}', undefined],
    ['{}', undefined],
    ['nonsense', undefined],
    [undefined, undefined],
  ])('in the secret %s', async (text, secret) => {
    expect(await readSigningSecret({ read: async () => text }, ARN)).toBe(secret);
  });
});
