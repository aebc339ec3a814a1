import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Ops } from '../../infra/ops/commands/command.ts';
import { exportRecords } from '../../infra/ops/commands/records/export.ts';
import { openPlace, runCommand } from '../../infra/ops/run-ops.ts';
import type { OpenTarget, Target } from '../../infra/ops/targets/target.ts';
import {
  SANDBOX_CLIENT,
  type Sandbox,
  type SandboxOptions,
  startSandbox,
} from '../../infra/sandbox/sandbox.ts';
import { type Status, status } from '../../infra/status/status.ts';
import type { JsonObject } from '../../shared/json.ts';
import { captureTerminal } from '../infra/ops/captured-terminal.ts';
import { settingsForSandbox } from '../support/autodesk/sandbox-settings.ts';
import {
  type Ended,
  OPS,
  type RunningCommand,
  START,
  startCommand,
} from '../support/processes/run-command.ts';
import { differencesFrom, EXPORTED_LISTS, exportedLines } from '../support/sync/compare-with-sandbox.ts';

/** The sandbox in this process, as Autodesk, and a data folder that `npm start -- --live` mirrors it into. */
export interface MirroredSandbox {
  sandbox: Sandbox;
  dataDir: string;
  /** Passed to every command; may be changed between them. */
  env: Record<string, string>;
  /** Begins `npm start -- --live` on the data folder. */
  start(...args: string[]): RunningCommand;
  /** `npm start -- --live --once --json` to its end. */
  once(...args: string[]): Promise<Ended & { status: Status }>;
  /** `npm run ops -- ...` on the data folder. */
  ops(...args: string[]): Promise<Ended>;
  /** What `ops export` prints, a record a line. Runs in this process, which takes a fraction of the time. */
  exported(resource: string, ...args: string[]): Promise<JsonObject[]>;
  /** What differs between the store and the sandbox, empty where nothing does. Of all lists, or of those named. */
  differences(...resources: string[]): Promise<string[]>;
  /** A refresh token as if somebody had just signed in. */
  signIn(): void;
  close(): Promise<void>;
}

/** Starts the sandbox. No quota slows the test down: the faults do, where they are wanted. */
export async function mirrorSandbox(
  options: SandboxOptions = {},
  environment: Record<string, string> = {},
): Promise<MirroredSandbox> {
  const sandbox = await startSandbox(options);
  const dataDir = await mkdtemp(join(tmpdir(), 'end-to-end-'));
  const env: Record<string, string> = {
    ...settingsForSandbox(sandbox),
    AUTODESK_REQUESTS_PER_MINUTE: '100000',
    DATA_CONNECTOR_REQUESTS_PER_MINUTE: '100000',
    ...environment,
  };

  const running = new Set<RunningCommand>();
  const begin = (script: string, args: string[]) => {
    const command = startCommand(script, args, { cwd: dataDir, env });
    running.add(command);
    void command.ended.then(() => running.delete(command));
    return command;
  };
  const start = (...args: string[]) => begin(START, ['--live', '--data-dir', dataDir, ...args]);
  const ops = (...args: string[]) => begin(OPS, [...args, '--data-dir', dataDir]).ended;

  /** The engines start once for all that a piece of work exports. */
  const atWork: OpenTarget = (work) => openPlace({ dataDir })(work);

  return {
    sandbox,
    dataDir,
    env,
    start,
    async once(...args) {
      const ended = await start('--once', '--json', ...args).ended;
      if (ended.stdout === '') throw new Error(`npm start ended with ${ended.code}: ${ended.stderr}`);
      return { ...ended, status: status.parse(JSON.parse(ended.stdout)) };
    },
    ops,
    exported: (resource, ...args) => atWork((target) => exportFrom(target, resource, ...args)),
    differences: (...resources) =>
      atWork(async (target) => {
        const found: string[] = [];
        for (const list of resources.length > 0 ? resources : EXPORTED_LISTS) {
          found.push(...differencesFrom(sandbox, list, await exportFrom(target, list)));
        }
        return found;
      }),
    signIn() {
      env.AUTODESK_REFRESH_TOKEN = sandbox.authorization.issueRefreshToken(SANDBOX_CLIENT.clientId, [
        'data:read',
      ]);
    },
    async close() {
      for (const { child, ended } of running) {
        child.kill('SIGKILL');
        await ended;
      }
      await sandbox.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** What `ops export` prints of a list, a record a line; in this process, which takes a fraction of the time. */
export async function exportFrom(target: Target, resource: string, ...args: string[]): Promise<JsonObject[]> {
  const { terminal, printed } = captureTerminal();
  const ops: Ops = {
    terminal,
    open: () => (work) => work(target),
    openData: () => (work) => work(target),
    exitCode: 0,
    run: runCommand,
  };
  await exportRecords(ops).parseAsync(['--resource', resource, ...args], { from: 'user' });
  return exportedLines(printed().out);
}

/** How a list ended last. */
export function lastRunOf({ resources }: Status, resource: string) {
  const run = resources.find((list) => list.resource === resource)?.lastRun;
  if (!run) throw new Error(`There was no run of ${resource}.`);
  return run;
}
