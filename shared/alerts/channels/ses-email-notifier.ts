import { type SESv2Client, SESv2ServiceException, SendEmailCommand } from '@aws-sdk/client-sesv2';
import { emailHtml } from '../messages/email-html.ts';
import { emailMessage } from '../messages/email-message.ts';
import type { AlertMessage } from '../messages/message.ts';
import { ChannelRefusedError, ChannelUnavailableError, type Notifier } from './notifier.ts';

/** What SES answers when a person has to change something. */
const REFUSALS: readonly string[] = [
  'AccountSuspendedException',
  'BadRequestException',
  'MailFromDomainNotVerifiedException',
  'MessageRejected',
  'NotFoundException',
  'SendingPausedException',
  'AccessDeniedException',
];

/** Tells alerts by email as HTML with plain text beside it, from an address that SES knows. */
export class SesEmailNotifier implements Notifier {
  readonly channel = 'email';
  readonly #ses: SESv2Client;
  readonly #sender: string;
  readonly #recipients: readonly string[];

  constructor(ses: SESv2Client, sender: string, recipients: readonly string[]) {
    this.#ses = ses;
    this.#sender = sender;
    this.#recipients = recipients;
  }

  async isConfigured(): Promise<boolean> {
    return this.#recipients.length > 0;
  }

  async send(message: AlertMessage): Promise<void> {
    const { subject, body } = emailMessage(message);
    try {
      await this.#ses.send(
        new SendEmailCommand({
          FromEmailAddress: this.#sender,
          Destination: { ToAddresses: [...this.#recipients] },
          Content: {
            Simple: {
              Subject: { Data: subject, Charset: 'UTF-8' },
              Body: {
                Text: { Data: body, Charset: 'UTF-8' },
                Html: { Data: emailHtml(message), Charset: 'UTF-8' },
              },
            },
          },
        }),
      );
    } catch (error) {
      const reason = error instanceof Error ? error.name : 'unknown error';
      throw error instanceof SESv2ServiceException && REFUSALS.includes(error.name)
        ? new ChannelRefusedError('email', `SES returned ${reason}`, { cause: error })
        : new ChannelUnavailableError('email', reason, undefined, { cause: error });
    }
  }
}
