import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SlackStandIn, startSlackStandIn } from '../support/alerts/slack-stand-in.ts';
import { PAIRS, toldAfterMs } from '../support/alerts/told-after.ts';
import { type MirroredSandbox, mirrorSandbox } from './mirrored-sandbox.ts';

let slack: SlackStandIn;
let mirror: MirroredSandbox;
beforeAll(async () => {
  slack = await startSlackStandIn();
  mirror = await mirrorSandbox(
    { scale: { pairs: 8 } },
    {
      ENABLED_RESOURCES: PAIRS,
      SLACK_WEBHOOK_URL: slack.url,
      ALERT_EMAILS: 'estimating@example.com',
    },
  );
  const { data } = mirror.sandbox;
  for (const { id } of data.records(PAIRS)) data.change(PAIRS, String(id), SOUND);
});
afterAll(async () => {
  slack.close();
  await mirror.close();
});

const SOUND = { fileStatus: 'SUCCESS', fileSyncingError: null, shouldRelinkGroup: false };
const ERROR = 'The client file "A-101.pdf" could not be copied.';

describe('a file transfer that fails', { timeout: 120_000 }, () => {
  it('is told once on Slack and by email, and so is its end', async () => {
    const { data } = mirror.sandbox;
    const pairId = String(data.records(PAIRS)[3]?.id);
    const failedAtMs = Date.now();
    data.change(PAIRS, pairId, { fileStatus: 'FAILED', fileSyncingError: ERROR });

    const failing = await mirror.once();
    expect(failing.code, failing.stderr).toBe(0);
    expect(failing.status.incidents).toEqual([
      {
        id: expect.any(String),
        rule: expect.any(String),
        subject: pairId,
        // Projects are not mirrored here, so nobody knows the name.
        about: pairId,
        state: 'open',
        openedAt: expect.any(String),
        resolvedAt: null,
        notified: { slack: expect.any(String), email: expect.any(String) },
      },
    ]);
    expect(slack.messages).toHaveLength(1);
    expect(slack.messages[0]).toContain('A-101.pdf');
    expect(toldAfterMs(mirror.sandbox, slack, failedAtMs)).toBeLessThanOrEqual(10_000);
    const [email, ...others] = await emails();
    expect(others).toEqual([]);
    expect(email).toContain('To: estimating@example.com');
    expect(email).toContain(ERROR);

    const again = await mirror.once();
    expect(again.status.incidents).toEqual(failing.status.incidents);
    expect(slack.messages).toHaveLength(1);
    expect(await emails()).toHaveLength(1);

    // Without `updatedAt`: only reading the pair again can show it.
    data.changeQuietly(PAIRS, pairId, SOUND);
    const healed = await mirror.once();
    expect(healed.status.incidents).toMatchObject([
      {
        id: failing.status.incidents[0]?.id,
        subject: pairId,
        state: 'resolved',
        resolvedAt: expect.any(String),
      },
    ]);
    expect(slack.messages).toHaveLength(2);
    expect(slack.messages[1]).toContain('File transfer fixed');
    expect(await emails()).toHaveLength(2);
  });
});

async function emails(): Promise<string[]> {
  const folder = join(mirror.dataDir, 'live', 'emails');
  const files = (await readdir(folder)).sort();
  return Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
}
