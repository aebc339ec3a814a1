import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DeleteMessageCommand, ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import writeFileAtomic from 'write-file-atomic';
import * as z from 'zod';

/** What the topic delivers to a queue. */
const notification = z.object({
  MessageId: z.string(),
  Subject: z.string().default('(no subject)'),
  Message: z.string(),
  Timestamp: z.string(),
});

export interface DeliveredEmail {
  subject: string;
  /** The file that stands for the email. */
  path: string;
}

/**
 * Takes what the alert topic delivered since the last call and puts each message into `<folder>/emails` as a
 * text file, where on AWS the subscribers' mailboxes would get it. A message becomes one file however often it
 * is delivered.
 */
export async function deliverEmails(options: {
  sqs: SQSClient;
  queueUrl: string;
  folder: string;
  recipients: readonly string[];
}): Promise<DeliveredEmail[]> {
  const emails = join(options.folder, 'emails');
  await mkdir(emails, { recursive: true, mode: 0o700 });
  const delivered: DeliveredEmail[] = [];
  for (;;) {
    const { Messages = [] } = await options.sqs.send(
      new ReceiveMessageCommand({ QueueUrl: options.queueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 0 }),
    );
    if (Messages.length === 0) return delivered;
    for (const { Body = '', ReceiptHandle } of Messages) {
      const email = notification.parse(JSON.parse(Body));
      const name = `${email.Timestamp.replaceAll(':', '-')}-${email.MessageId}.txt`;
      const path = join(emails, name);
      await writeFileAtomic(path, textOf(email, options.recipients), { mode: 0o600 });
      await options.sqs.send(new DeleteMessageCommand({ QueueUrl: options.queueUrl, ReceiptHandle }));
      delivered.push({ subject: email.Subject, path });
    }
  }
}

function textOf(email: z.infer<typeof notification>, recipients: readonly string[]): string {
  const to = recipients.length > 0 ? [`To: ${recipients.join(', ')}`] : [];
  return [...to, `Subject: ${email.Subject}`, `Date: ${email.Timestamp}`, '', email.Message, ''].join('\n');
}
