import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Ops } from '../../infra/ops/commands/command.ts';
import { exportRecords } from '../../infra/ops/commands/records/export.ts';
import { openPlace } from '../../infra/ops/run-ops.ts';
import type { Target } from '../../infra/ops/targets/target.ts';
import { SANDBOX_RESOURCES } from '../../infra/sandbox/data/bidding-data.ts';
import {
  SANDBOX_CLIENT,
  type Sandbox,
  type SandboxOptions,
  startSandbox,
} from '../../infra/sandbox/sandbox.ts';
import { type Status, status } from '../../infra/status/status.ts';
import { isJsonObject, type JsonObject, parseJson } from '../../shared/json.ts';
import { captureTerminal } from '../infra/ops/captured-terminal.ts';
import {
  type Ended,
  OPS,
  type RunningCommand,
  START,
  startCommand,
} from '../support/processes/run-command.ts';

export const LINE_ITEMS = 'scope-specific-bid-form-line-items';

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
  const { clientId, clientSecret } = SANDBOX_CLIENT;
  const env: Record<string, string> = {
    AUTODESK_BASE_URL: sandbox.origin,
    AUTODESK_CLIENT_ID: clientId,
    AUTODESK_CLIENT_SECRET: clientSecret,
    AUTODESK_ACCOUNT_IDS: sandbox.accountIds.join(','),
    AUTODESK_REQUESTS_PER_MINUTE: '100000',
    DATA_CONNECTOR_REQUESTS_PER_MINUTE: '100000',
    ...environment,
  };
  const signIn = () => {
    env.AUTODESK_REFRESH_TOKEN = sandbox.authorization.issueRefreshToken(clientId, ['data:read']);
  };
  signIn();

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
  const atWork = openPlace({ dataDir });

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
        for (const list of resources.length > 0 ? resources : [...SANDBOX_RESOURCES, LINE_ITEMS]) {
          found.push(...differencesOf(list, await exportFrom(target, list), sentBy(sandbox, list)));
        }
        return found;
      }),
    signIn,
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

async function exportFrom(target: Target, resource: string, ...args: string[]): Promise<JsonObject[]> {
  const { terminal, printed } = captureTerminal();
  const ops: Ops = { terminal, open: () => (work) => work(target), exitCode: 0 };
  await exportRecords(ops).parseAsync(['--resource', resource, ...args], { from: 'user' });
  return printed().out.split('\n').filter(Boolean).map(parseJson).filter(isJsonObject);
}

/** How a list ended last. */
export function lastRunOf({ resources }: Status, resource: string) {
  const run = resources.find((list) => list.resource === resource)?.lastRun;
  if (!run) throw new Error(`There was no run of ${resource}.`);
  return run;
}

/** Records as the sandbox would send them now, line items by their form. */
function sentBy({ data }: Sandbox, list: string): { key: string; record: JsonObject }[] {
  if (list === LINE_ITEMS) {
    return data
      .records('scope-specific-bid-forms')
      .flatMap(({ id }) =>
        data.lineItems(String(id)).map((item) => ({ key: `${id}/${item.id}`, record: item })),
      );
  }
  const resource = SANDBOX_RESOURCES.find((name) => name === list);
  if (resource === undefined) throw new Error(`The sandbox has no ${list}.`);
  return data.records(resource).map((record) => ({ key: String(record.id), record }));
}

function differencesOf(
  list: string,
  lines: readonly JsonObject[],
  sent: readonly { key: string; record: JsonObject }[],
): string[] {
  const keyOf = ({ id, formId }: JsonObject) => (formId === undefined ? String(id) : `${formId}/${id}`);
  const stored = new Map(lines.map((line) => [keyOf(line), line.data]));
  const wanted = new Set(sent.map(({ key }) => key));
  return [
    ...(lines.length === stored.size ? [] : [`${list}: ${lines.length - stored.size} twice`]),
    ...[...stored.keys()].filter((key) => !wanted.has(key)).map((key) => `${list} ${key}: not sent`),
    ...sent.flatMap(({ key, record }) => {
      if (!stored.has(key)) return [`${list} ${key}: missing`];
      return isDeepStrictEqual(stored.get(key), record) ? [] : [`${list} ${key}: not as sent`];
    }),
  ];
}
