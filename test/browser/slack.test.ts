import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSlackSandbox } from '../../infra/sandbox/slack/slack-sandbox.ts';
import { SANDBOX_PERSON, SANDBOX_SLACK } from '../../infra/sandbox/slack/workspace.ts';
import type { Incident } from '../../shared/alerts/incidents/incident.ts';
import { emailHtml } from '../../shared/alerts/messages/email-html.ts';
import { slackMessage } from '../../shared/alerts/messages/slack-message.ts';
import { exampleIncidents, exampleMessage, exampleStandingMessage } from '../support/alerts/examples.ts';
import { type RunningCommand, START, startCommand } from '../support/processes/run-command.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { hasChromium, launchChromium } from './chromium.ts';
import { takePicture } from './picture.ts';

const PATIENCE = { timeout: 90_000 };
const SOON = { timeout: 45_000 };
const WIDTH = 760;

const canRun = hasChromium('the buttons of the Slack page and the pictures of the docs are left out');

describe.skipIf(!canRun)('alerts in a browser', PATIENCE, () => {
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    browser = await launchChromium();
    page = await browser.newPage({ viewport: { width: WIDTH, height: 600 }, colorScheme: 'light' });
  }, 60_000);
  afterAll(() => browser?.close());

  it('are acknowledged and taken back with the buttons of the page that npm start shows', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'slack-page-'));
    const running: RunningCommand = startCommand(START, ['--port', '0', '--data-dir', join(folder, 'data')], {
      cwd: folder,
      env: {},
    });
    try {
      // After the first sync.
      await expect
        .poll(() => running.output.stdout, { timeout: 60_000 })
        .toContain('Slack, with working buttons:');
      const [, address = ''] = /working buttons: (\S+)/.exec(running.output.stdout) ?? [];
      await page.goto(address);
      const incident = page.locator('.section').filter({ hasText: 'File transfer failed' }).first();
      await incident.locator('summary').click();
      await incident.getByRole('button', { name: 'Acknowledge' }).click();
      await expect.poll(() => page.locator('main').innerText(), SOON).toContain('Acknowledged by @You');

      const taken = page.locator('.section').filter({ hasText: 'Acknowledged by @You' }).first();
      await taken.locator('summary').click();
      await taken.getByRole('button', { name: 'Undo' }).click();
      await expect.poll(() => page.locator('main').innerText(), SOON).toContain('Open again: undone by You.');
    } finally {
      running.child.kill('SIGTERM');
      await running.ended;
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('look in Slack as docs/slack.md shows', async () => {
    const clock = new VirtualClock('2026-11-22T08:00:00.000Z');
    const slack = await startSlackSandbox({ clock });
    try {
      const { open, acknowledged, resolved } = exampleIncidents({
        name: SANDBOX_PERSON.name,
        slackUserId: SANDBOX_PERSON.id,
      });
      const post = (incidents: Incident[], more: { thread_ts?: string } = {}) => {
        const { text, blocks } = slackMessage(exampleStandingMessage(incidents));
        clock.jump(60_000);
        return slack.workspace.post(
          SANDBOX_SLACK.channel,
          { text, blocks: blocks.map((block) => ({ ...block })) },
          more,
        );
      };
      post([open, acknowledged]);
      post([resolved]);
      await page.goto(slack.pageUrl);
      expect(await page.getByRole('button').allInnerTexts()).toEqual([
        'Acknowledge',
        'Silence 1 day',
        'Undo',
        'Silence 1 day',
      ]);
      await takePicture(page, 'slack.png');
    } finally {
      await slack.close();
    }
  });

  it('look as an email as docs/slack.md shows', async () => {
    const { open, resolved } = exampleIncidents({ name: 'Ben Ortiz' });
    await page.setContent(
      emailHtml(
        exampleMessage([
          { incident: open, kind: 'opened' },
          { incident: resolved, kind: 'resolved' },
        ]),
      ),
    );
    expect(await page.locator('h2').allInnerTexts()).toEqual([
      'File transfer failed',
      '✓ File transfer fixed',
    ]);
    await takePicture(page, 'email.png');
  });
});
