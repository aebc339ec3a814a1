import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PAIRS } from '../support/alerts/told-after.ts';
import { OPS, startCommand } from '../support/processes/run-command.ts';
import { type MirroredSandbox, mirrorSandbox } from './mirrored-sandbox.ts';

const SOON = { timeout: 60_000, interval: 100 };

let mirror: MirroredSandbox;
beforeAll(async () => {
  mirror = await mirrorSandbox({ scale: { pairs: 8 } }, { ENABLED_RESOURCES: PAIRS });
});
afterAll(() => mirror.close());

function serve(...args: string[]) {
  return startCommand(OPS, ['console', '--port', '0', '--data-dir', mirror.dataDir, ...args], {
    cwd: mirror.dataDir,
    env: mirror.env,
  });
}

async function addressOf({ output }: ReturnType<typeof serve>): Promise<string> {
  await expect.poll(() => output.stdout, SOON).toContain('Console: ');
  return /Console: (\S+)/.exec(output.stdout)?.[1] ?? '';
}

describe('ops console on a data folder', { timeout: 120_000 }, () => {
  it('shows what is there without npm start, only looks, and stops cleanly', async () => {
    expect((await mirror.once()).code).toBe(0);
    const served = serve();
    const url = await addressOf(served);
    const page = await (await fetch(url)).text();

    expect(page).toContain(PAIRS);
    expect(page).toContain('complete');
    expect(page).not.toContain('method="post"');
    expect(JSON.parse((await mirror.ops('runs', '--json')).stdout)).toHaveLength(1);
    served.child.kill('SIGINT');
    expect(await served.ended).toMatchObject({ code: 0, signal: null });
  });

  it('acts where it may, with what npm start runs', async () => {
    const running = mirror.start('--port', '0', '--console-port', '0');
    await expect.poll(() => running.output.stdout, SOON).toContain('Callback URL');
    const served = serve('--allow-actions');
    const url = await addressOf(served);
    const [, token = ''] = /name="token" value="(\w+)"/.exec(await (await fetch(url)).text()) ?? [];
    const before = (await mirror.ops('runs', '--json')).stdout;

    const response = await fetch(`${url}act/sync`, {
      method: 'POST',
      headers: { origin: new URL(url).origin },
      body: new URLSearchParams({ token, resource: PAIRS }),
    });
    expect(await response.text()).toContain('Done: <code>npm run ops -- sync --resource');
    const count = (json: string) => (JSON.parse(json) as unknown[]).length;
    await expect
      .poll(async () => count((await mirror.ops('runs', '--json')).stdout), SOON)
      .toBeGreaterThan(count(before));
    served.child.kill('SIGTERM');
    expect((await served.ended).code).toBe(0);
  });

  it('says in one line that its port is taken', async () => {
    const first = serve();
    const url = await addressOf(first);
    const { code, stderr } = await startCommand(
      OPS,
      ['console', '--port', new URL(url).port, '--data-dir', mirror.dataDir],
      { cwd: mirror.dataDir, env: mirror.env },
    ).ended;
    expect(code).toBe(1);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toContain('--port');
    first.child.kill('SIGTERM');
    await first.ended;
  });
});
