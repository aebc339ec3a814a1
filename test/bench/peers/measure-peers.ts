import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { SANDBOX_CLIENT, type Sandbox } from '../../../infra/sandbox/sandbox.ts';
import { settingsForSandbox } from '../../support/autodesk/sandbox-settings.ts';
import { findPython, installPython } from '../../support/processes/python.ts';
import { REPOSITORY, START, startProgram } from '../../support/processes/run-command.ts';
import { changeSome, startList, withDataFolder } from '../embedded.ts';
import { type Figure, round, type Section } from '../figures.ts';
import { measured } from '../measured-process.ts';

const REQUIREMENTS = join(import.meta.dirname, 'requirements.txt');
const INVITES = '/construction/buildingconnected/v2/invites';

/** A whole command, from its start to its end: what a person waits for. */
interface Run {
  seconds: number;
  peakMemoryMb: number;
  calls: number;
}

interface Runs {
  first: Run;
  unchanged: Run;
  changed: Run;
}

/** A tool that reads the list into a folder of its own, again and again. */
interface Tool {
  command(folder: string): Promise<{ program: string; args: string[]; env: Record<string, string> }>;
}

const ended = z.object({ code: z.literal(0), seconds: z.number(), peakMemoryMb: z.number() });

/** The same list read by other tools; undefined where there is no Python to run them. */
export async function measurePeers(
  invites: number,
  latencies: readonly number[],
): Promise<Section[] | undefined> {
  const python = await findPython();
  if (python === undefined) return undefined;
  const bin = await installPython(python, 'peers', REQUIREMENTS);
  const sections: Section[] = [];
  for (const latencyMs of latencies) {
    const sandbox = await startList(invites, latencyMs);
    try {
      const ours = await measure(ourselves(sandbox), sandbox, bin);
      const dlt = await measure(peer('dlt_invites.py', sandbox, bin), sandbox, bin);
      const airbyte = await measure(peer('airbyte_invites.py', sandbox, bin), sandbox, bin);
      const plain = await withDataFolder(sandbox, (place) => measured({ kind: 'plain', place }));
      sections.push({
        title: `${round(invites)} invites at ${latencyMs} ms a call, beside other tools`,
        figures: [
          figure('first load', ours.first, dlt.first, airbyte.first, BOUND.first),
          figure('unchanged', ours.unchanged, dlt.unchanged, airbyte.unchanged, BOUND.start),
          figure('1 % changed', ours.changed, dlt.changed, airbyte.changed, BOUND.start),
          memory(ours.first, dlt.first, airbyte.first),
          {
            name: 'plain loop',
            value: `${round(plain.tookMs / 1_000, 1)} s, ${plain.apiCalls} calls`,
            beside: 'without the start of its process',
            ratio: `${round(plain.tookMs / 1_000 / ours.first.seconds, 2)} x`,
            bound: 'one page after another',
          },
        ],
      });
    } finally {
      await sandbox.close();
    }
  }
  return sections;
}

/** The versions that are pinned, for people. */
export async function peerVersions(): Promise<string> {
  const pins = (await readFile(REQUIREMENTS, 'utf8')).trim().split('\n');
  return pins.map((pin) => pin.replace('==', ' ')).join(', ');
}

async function measure(tool: Tool, sandbox: Sandbox, bin: string): Promise<Runs> {
  const folder = await mkdtemp(join(tmpdir(), 'peers-'));
  const run = async (): Promise<Run> => {
    const before = callsOf(sandbox);
    const { program, args, env } = await tool.command(folder);
    const { stdout, stderr } = await startProgram(
      join(bin, 'python'),
      [join(import.meta.dirname, 'run_measured.py'), program, ...args],
      { cwd: folder, env: { HOME: folder, ...env } },
    ).ended;
    const last = ended.safeParse(JSON.parse(stdout.trim().split('\n').at(-1) ?? 'null'));
    if (!last.success) throw new Error(`${program} ${args[0]} failed: ${stderr.slice(-2_000)}`);
    const { seconds, peakMemoryMb } = last.data;
    return { seconds, peakMemoryMb, calls: callsOf(sandbox) - before };
  };
  try {
    const first = await run();
    const unchanged = await run();
    changeSome(sandbox);
    return { first, unchanged, changed: await run() };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function callsOf(sandbox: Sandbox): number {
  return sandbox.journal.entries().filter(({ path }) => path.startsWith(INVITES)).length;
}

/** `npm start -- --live --once` with this list alone, on embedded engines. */
function ourselves(sandbox: Sandbox): Tool {
  return {
    command: async (folder) => ({
      program: process.execPath,
      args: [join(REPOSITORY, START), '--live', '--once', '--data-dir', folder],
      env: {
        ...settingsForSandbox(sandbox),
        AUTODESK_REQUESTS_PER_MINUTE: '100000',
        RESOURCES: 'invites',
      },
    }),
  };
}

/** Other tools are given a token, because they do not renew one. */
function peer(script: string, sandbox: Sandbox, bin: string): Tool {
  return {
    command: async (folder) => ({
      program: join(bin, 'python'),
      args: [join(import.meta.dirname, script), sandbox.origin, await accessToken(sandbox), folder],
      env: { RUNTIME__LOG_LEVEL: 'CRITICAL', RUNTIME__DLTHUB_TELEMETRY: 'false' },
    }),
  };
}

async function accessToken({ origin, authorization }: Sandbox): Promise<string> {
  const { clientId, clientSecret } = SANDBOX_CLIENT;
  const response = await fetch(`${origin}/authentication/v2/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}` },
    body: new URLSearchParams({
      grant_type: 'refresh_token',
      refresh_token: authorization.issueRefreshToken(clientId, ['data:read']),
    }),
  });
  return z.object({ access_token: z.string() }).parse(await response.json()).access_token;
}

const BOUND = {
  first:
    'the pages of the longest window; at 0 ms, the embedded database, into which each record is put with a condition of its own, while dlt loads one file and airbyte-cdk appends to one',
  start: 'the start of the process: its code, the engines, the alerts after the run',
};

function figure(name: string, ours: Run, dlt: Run, airbyte: Run, bound: string): Figure {
  const text = ({ seconds, calls }: Run) => `${round(seconds, 1)} s, ${calls} calls`;
  const times = (other: Run) => round(other.seconds / ours.seconds, 2);
  return {
    name,
    value: text(ours),
    beside: `dlt ${text(dlt)}; airbyte-cdk ${text(airbyte)}`,
    ratio: `dlt ${times(dlt)} x, airbyte-cdk ${times(airbyte)} x`,
    bound,
  };
}

function memory(ours: Run, dlt: Run, airbyte: Run): Figure {
  const times = (other: Run) => round(other.peakMemoryMb / ours.peakMemoryMb, 2);
  const text = ({ peakMemoryMb }: Run) => `${round(peakMemoryMb)} MB`;
  return {
    name: 'peak memory of the first load',
    value: text(ours),
    beside: `dlt ${text(dlt)}; airbyte-cdk ${text(airbyte)}`,
    ratio: `dlt ${times(dlt)} x, airbyte-cdk ${times(airbyte)} x`,
    bound:
      'two threads of Node with an embedded DynamoDB, SQS and SNS in one of them, and pages in memory; the others have no queue, and no database but a file',
  };
}
