import {
  GetSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { readWebhookUrl } from '../../shared/alerts/channels/slack-secret.ts';
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

describe('the address of the Slack webhook', () => {
  it.each([
    ['{"webhookUrl":"https://hooks.slack.example/x"}', 'https://hooks.slack.example/x'],
    ['{}', undefined],
    ['nonsense', ''],
    ['{"webhook":1}', ''],
  ])('of the secret %s', async (text, address) => {
    expect(await readWebhookUrl({ read: async () => text }, ARN)).toBe(address);
  });
});
