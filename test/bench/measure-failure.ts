import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSandbox } from '../../infra/sandbox/sandbox.ts';
import { systemClock } from '../../shared/clock.ts';
import { startSlackStandIn } from '../support/alerts/slack-stand-in.ts';
import { PAIRS, toldAfterMs } from '../support/alerts/told-after.ts';
import { settingsForSandbox } from '../support/autodesk/sandbox-settings.ts';
import { OPS, type RunningCommand, START, startCommand } from '../support/processes/run-command.ts';

const LOOK_EVERY_MS = 20;
const GIVE_UP_MS = 60_000;

/**
 * A transfer that fails while `npm start -- --live` runs: milliseconds from the next look at the pairs, of a list of
 * 500 at a latency, until Slack has the message.
 */
export async function measureFailure(latencyMs: number): Promise<number> {
  const sandbox = await startSandbox({ latencyMs, scale: { pairs: 500 } });
  const slack = await startSlackStandIn();
  const dataDir = await mkdtemp(join(tmpdir(), 'failure-'));
  for (const { id } of sandbox.data.records(PAIRS)) {
    sandbox.data.change(PAIRS, String(id), {
      fileStatus: 'SUCCESS',
      fileSyncingError: null,
      shouldRelinkGroup: false,
    });
  }
  const env = {
    ...settingsForSandbox(sandbox),
    RESOURCES: PAIRS,
    SLACK_WEBHOOK_URL: slack.url,
  };
  const running = startCommand(START, ['--live', '--port', '0', '--data-dir', dataDir], {
    cwd: dataDir,
    env,
  });
  try {
    await until(running, () => /Ctrl-C/.test(running.output.stdout) || undefined);
    const changedAtMs = Date.now();
    const [pair] = sandbox.data.records(PAIRS);
    sandbox.data.change(PAIRS, String(pair?.id), {
      fileStatus: 'FAILED',
      fileSyncingError: 'A file could not be copied.',
    });
    const asked = await startCommand(OPS, ['sync', '--resource', PAIRS, '--data-dir', dataDir], {
      cwd: dataDir,
    }).ended;
    if (asked.code !== 0) throw new Error(asked.stderr);
    return await until(running, () => toldAfterMs(sandbox, slack, changedAtMs));
  } finally {
    running.child.kill('SIGINT');
    await running.ended;
    slack.close();
    await sandbox.close();
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function until<Found>({ output }: RunningCommand, look: () => Found | undefined): Promise<Found> {
  const givenUpAtMs = Date.now() + GIVE_UP_MS;
  for (;;) {
    const found = look();
    if (found !== undefined) return found;
    if (Date.now() > givenUpAtMs) throw new Error(`Nothing within a minute. ${output.stderr}`);
    await systemClock.sleep(LOOK_EVERY_MS);
  }
}
