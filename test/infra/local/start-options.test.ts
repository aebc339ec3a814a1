import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readLiveSettings, readSandboxSettings } from '../../../infra/local/data/environment.ts';
import { parseStartOptions } from '../../../infra/local/start-options.ts';
import { ConfigurationError } from '../../../shared/errors.ts';

const ACCOUNT = 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee';

describe('the flags of npm start', () => {
  it('have defaults', () => {
    expect(parseStartOptions([])).toEqual({
      once: false,
      full: false,
      live: false,
      json: false,
      help: false,
      dataDir: '.local',
      timeoutMinutes: 60,
      consolePort: 'usual',
    });
  });

  it('are understood', () => {
    const args = ['--once', '--full', '--live', '--json', '--data-dir', '/data', '--port', '0'];
    expect(parseStartOptions(args)).toMatchObject({ once: true, full: true, dataDir: '/data', port: 0 });
  });

  it.each([
    ['30', 30],
    ['0.1', 0.1],
    ['.5', 0.5],
  ])('give --once its time in minutes: %s', (text, timeoutMinutes) => {
    expect(parseStartOptions(['--once', '--timeout', text])).toMatchObject({ timeoutMinutes });
  });

  it.each(['0', '-1', 'ten', '', '1e3', 'Infinity', '0x10', '1 '])(
    'refuse a time that is no number of minutes above 0: "%s"',
    (text) => {
      expect(() => parseStartOptions(['--once', `--timeout=${text}`])).toThrow('--timeout must be');
    },
  );

  it('have no time without --once', () => {
    expect(() => parseStartOptions(['--timeout', '5'])).toThrow('--timeout works with --once only');
  });

  it.each([
    [['--once'], 'none'],
    [['--no-console'], 'none'],
    [['--console-port', '0'], 0],
    [['--once', '--console-port', '9000'], 9000],
    [['--no-console', '--console-port', '9000'], 'none'],
  ])('say where the console is: %j', (args, consolePort) => {
    expect(parseStartOptions(args)).toMatchObject({ consolePort });
  });

  it.each([
    ['--port', 'x'],
    ['--console-port', '70000'],
    ['--port', '70000'],
    ['--port=-1'],
    ['--wrong'],
    ['extra'],
  ])('are refused in one line: %s %s', (...args) => {
    expect(() => parseStartOptions(args)).toThrow(ConfigurationError);
  });
});

describe('the settings', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'settings-'));
    vi.spyOn(process, 'cwd').mockReturnValue(folder);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
    await rm(folder, { recursive: true });
  });

  it('come from the environment and from .env, where the environment wins', async () => {
    await writeFile(
      join(folder, '.env'),
      `AUTODESK_CLIENT_ID=from-file\nAUTODESK_ACCOUNT_IDS=b.${ACCOUNT.toUpperCase()}, ${ACCOUNT}\nAUTODESK_BASE_URL=http://127.0.0.1:1\n`,
    );
    vi.stubEnv('AUTODESK_CLIENT_ID', 'from-environment');
    expect(await readLiveSettings()).toMatchObject({
      AUTODESK_CLIENT_ID: 'from-environment',
      AUTODESK_ACCOUNT_IDS: [ACCOUNT],
      AUTODESK_BASE_URL: 'http://127.0.0.1:1',
      AUTODESK_REQUESTS_PER_MINUTE: 900,
      DATA_CONNECTOR_REQUESTS_PER_MINUTE: 54,
    });
  });

  it('are all complained of at once, without their values', async () => {
    vi.stubEnv('AUTODESK_CLIENT_ID', '');
    vi.stubEnv('AUTODESK_BASE_URL', 'http://planted.example');
    vi.stubEnv('SLACK_WEBHOOK_URL', 'http://planted.example/hook');
    vi.stubEnv('ALERT_EMAILS', 'planted');
    const problems = await readLiveSettings().catch((error: ConfigurationError) => error.problems);
    expect(problems).toHaveLength(4);
    expect(String(problems)).not.toContain('planted');
  });

  it('let alerts of the sandbox out to this machine only', async () => {
    vi.stubEnv('SLACK_WEBHOOK_URL', 'https://hooks.example/secret');
    expect((await readSandboxSettings()).SLACK_WEBHOOK_URL).toBeUndefined();
    vi.stubEnv('SLACK_WEBHOOK_URL', 'http://127.0.0.1:9/hook');
    expect((await readSandboxSettings()).SLACK_WEBHOOK_URL).toBe('http://127.0.0.1:9/hook');
  });
});
