import { PublishCommand, SNSClient, SNSServiceException } from '@aws-sdk/client-sns';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { SnsEmailNotifier } from '../../../shared/alerts/channels/sns-email-notifier.ts';
import { emailMessage } from '../../../shared/alerts/messages/email-message.ts';
import { buildTestMessage } from '../../../shared/alerts/messages/message.ts';

const MESSAGE = buildTestMessage({ stage: 'test', timeZone: 'UTC' }, '2026-11-22T08:00:00.000Z');
const TOPIC = 'arn:aws:sns:eu-west-1:111122223333:alerts';
const client = new SNSClient({ region: 'eu-west-1' });
const sns = mockClient(client);
const notifier = new SnsEmailNotifier(client, TOPIC);

beforeEach(() => {
  sns.reset();
});

function failWith(name: string) {
  const error = new SNSServiceException({ name, $fault: 'client', $metadata: {} });
  sns.on(PublishCommand).rejects(error);
}

describe('the email notifier', () => {
  it('publishes subject and body to the topic', async () => {
    sns.on(PublishCommand).resolves({ MessageId: 'm1' });
    await notifier.send(MESSAGE);

    const { subject, body } = emailMessage(MESSAGE);
    expect(sns.commandCalls(PublishCommand).map(({ args }) => args[0].input)).toEqual([
      { TopicArn: TOPIC, Subject: subject, Message: body },
    ]);
  });

  it.each(['NotFoundException', 'AuthorizationErrorException', 'KMSAccessDeniedException'])(
    'is refused by %s',
    async (name) => {
      failWith(name);
      await expect(notifier.send(MESSAGE)).rejects.toMatchObject({ code: 'CHANNEL_REFUSED' });
    },
  );

  it.each(['ThrottledException', 'KMSThrottlingException', 'InternalErrorException', 'TimeoutError'])(
    'is unavailable after %s',
    async (name) => {
      failWith(name);
      await expect(notifier.send(MESSAGE)).rejects.toMatchObject({ code: 'CHANNEL_UNAVAILABLE' });
    },
  );
});
