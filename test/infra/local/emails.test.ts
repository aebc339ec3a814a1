import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PublishCommand } from '@aws-sdk/client-sns';
import { expect, it } from 'vitest';
import { deliverEmails } from '../../../infra/local/data/emails.ts';
import { createLocalClients } from '../../../infra/local/engines/clients.ts';
import { startFauxqs } from '../../../infra/local/engines/fauxqs.ts';
import { queueUrls, TOPIC_ARN } from '../../../infra/local/engines/queues.ts';

it('puts what the alert topic delivered into text files, once', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'emails-'));
  const engine = await startFauxqs();
  const clients = createLocalClients({ dynamodb: 'http://127.0.0.1:1', queues: engine.endpoint });
  try {
    for (const subject of ['First', 'Second']) {
      await clients.sns.send(
        new PublishCommand({ TopicArn: TOPIC_ARN, Subject: subject, Message: `${subject} text\nwith lines` }),
      );
    }
    const options = {
      sqs: clients.sqs,
      queueUrl: queueUrls(engine.endpoint).emails,
      folder,
      recipients: ['team@example.com'],
    };
    const delivered = await deliverEmails(options);
    expect(delivered.map((email) => email.subject)).toEqual(['First', 'Second']);
    const [first] = delivered;
    const text = await readFile(first?.path ?? '', 'utf8');
    expect(text).toContain('To: team@example.com\nSubject: First\n');
    expect(text).toContain('\n\nFirst text\nwith lines\n');
    expect((await stat(first?.path ?? '')).mode & 0o777).toBe(0o600);
    expect(await deliverEmails(options)).toEqual([]);
    expect(await readdir(join(folder, 'emails'))).toHaveLength(2);
  } finally {
    clients.destroy();
    await engine.stop();
    await rm(folder, { recursive: true, force: true });
  }
});
