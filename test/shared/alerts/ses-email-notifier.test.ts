import { SESv2Client, SESv2ServiceException, SendEmailCommand } from '@aws-sdk/client-sesv2';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { SesEmailNotifier } from '../../../shared/alerts/channels/ses-email-notifier.ts';
import { emailHtml } from '../../../shared/alerts/messages/email-html.ts';
import { emailMessage } from '../../../shared/alerts/messages/email-message.ts';
import { buildTestMessage } from '../../../shared/alerts/messages/message.ts';

const MESSAGE = buildTestMessage({ stage: 'test', timeZone: 'UTC' }, '2026-11-22T08:00:00.000Z');
const client = new SESv2Client({ region: 'eu-west-1' });
const ses = mockClient(client);
const notifier = new SesEmailNotifier(client, 'alerts@example.com', ['ada@example.com', 'ben@example.com']);

beforeEach(() => {
  ses.reset();
});

function failWith(name: string) {
  ses.on(SendEmailCommand).rejects(new SESv2ServiceException({ name, $fault: 'client', $metadata: {} }));
}

describe('the email notifier of a stage with a sender', () => {
  it('sends HTML and plain text beside it', async () => {
    ses.on(SendEmailCommand).resolves({ MessageId: 'm1' });
    await notifier.send(MESSAGE);

    const { subject, body } = emailMessage(MESSAGE);
    expect(ses.commandCalls(SendEmailCommand).map(({ args }) => args[0].input)).toEqual([
      {
        FromEmailAddress: 'alerts@example.com',
        Destination: { ToAddresses: ['ada@example.com', 'ben@example.com'] },
        Content: {
          Simple: {
            Subject: { Data: subject, Charset: 'UTF-8' },
            Body: {
              Text: { Data: body, Charset: 'UTF-8' },
              Html: { Data: emailHtml(MESSAGE), Charset: 'UTF-8' },
            },
          },
        },
      },
    ]);
  });

  it.each(['MessageRejected', 'MailFromDomainNotVerifiedException', 'AccountSuspendedException'])(
    'is refused by %s',
    async (name) => {
      failWith(name);
      await expect(notifier.send(MESSAGE)).rejects.toMatchObject({ code: 'CHANNEL_REFUSED' });
    },
  );

  it.each(['TooManyRequestsException', 'LimitExceededException', 'InternalServiceErrorException'])(
    'is unavailable after %s',
    async (name) => {
      failWith(name);
      await expect(notifier.send(MESSAGE)).rejects.toMatchObject({ code: 'CHANNEL_UNAVAILABLE' });
    },
  );

  it('is left out where there is nobody to send to', async () => {
    expect(await new SesEmailNotifier(client, 'alerts@example.com', []).isConfigured()).toBe(false);
  });
});
