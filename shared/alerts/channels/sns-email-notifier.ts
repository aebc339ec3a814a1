import { PublishCommand, type SNSClient, SNSServiceException } from '@aws-sdk/client-sns';
import { emailMessage } from '../messages/email-message.ts';
import type { AlertMessage } from '../messages/message.ts';
import { ChannelRefusedError, ChannelUnavailableError, type Notifier } from './notifier.ts';

/** What SNS answers when a person has to change something. */
const REFUSALS: readonly string[] = [
  'NotFoundException',
  'AuthorizationErrorException',
  'InvalidParameterException',
  'InvalidParameterValueException',
  'InvalidSecurityException',
  'EndpointDisabledException',
  'KMSAccessDeniedException',
  'KMSDisabledException',
  'KMSNotFoundException',
];

/** Tells alerts by email, through the topic that the addresses are subscribed to. */
export class SnsEmailNotifier implements Notifier {
  readonly channel = 'email';
  readonly #sns: SNSClient;
  readonly #topicArn: string;

  constructor(sns: SNSClient, topicArn: string) {
    this.#sns = sns;
    this.#topicArn = topicArn;
  }

  async isConfigured(): Promise<boolean> {
    return true;
  }

  async send(message: AlertMessage): Promise<void> {
    const { subject, body } = emailMessage(message);
    try {
      await this.#sns.send(new PublishCommand({ TopicArn: this.#topicArn, Subject: subject, Message: body }));
    } catch (error) {
      const reason = error instanceof Error ? error.name : 'unknown error';
      throw error instanceof SNSServiceException && REFUSALS.includes(error.name)
        ? new ChannelRefusedError('email', `SNS returned ${reason}`, { cause: error })
        : new ChannelUnavailableError('email', reason, undefined, { cause: error });
    }
  }
}
