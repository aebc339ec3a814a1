import { execFileSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { HELP as START_HELP } from '../../infra/local/start-options.ts';
import { runOps } from '../../infra/ops/run-ops.ts';

const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync('package.json', 'utf8')));

interface DocumentedCommand {
  file: string;
  command: string;
}

/** The commands in the shell blocks of a page; comments, prompts and output are not commands. */
function commandsIn(file: string): DocumentedCommand[] {
  const blocks = readFileSync(file, 'utf8').matchAll(/^```(?:sh|bash|shell)\n(.*?)^```/gms);
  return [...blocks]
    .flatMap(([, block = '']) => block.split('\n'))
    .flatMap((line) => line.replace(/\s#\s.*$/, '').split('&&'))
    .map((command) => command.trim())
    .filter((command) => command !== '' && !command.startsWith('#'))
    .map((command) => ({ file, command }));
}

const documented = [...globSync('*.md'), ...globSync('docs/**/*.md')].flatMap(commandsIn);

function flagsOf(words: readonly string[]): string[] {
  return words
    .filter((word) => word.startsWith('--') && word !== '--')
    .map((word) => word.replace(/=.*/, ''));
}

async function opsHelp(name: string): Promise<string> {
  const out = new PassThrough();
  const err = new PassThrough();
  const code = await runOps([name, '--help'], { out, err, in: new PassThrough(), isInteractive: false });
  out.end();
  expect(code, `npm run ops -- ${name}`).toBe(0);
  return text(out);
}

let cdkHelp: string | undefined;

/** The help of the CDK command itself, asked once. */
function helpOfCdk(): string {
  cdkHelp ??= execFileSync(process.execPath, ['node_modules/aws-cdk/bin/cdk', '--help'], {
    encoding: 'utf8',
  });
  return cdkHelp;
}

/** Where the flags of a command are described. Throws for a command that is not known. */
async function helpFor(command: string): Promise<string> {
  const words = command.split(/\s+/);
  const [program, first, second, third] = words;
  if (program === 'npx' && first === 'cdk') {
    expect(helpOfCdk()).toMatch(new RegExp(`^  cdk ${second}\\b`, 'm'));
    return helpOfCdk();
  }
  if (program === 'npm' && first === 'run' && second === 'ops') return opsHelp(words[4] ?? third ?? '');
  if (program === 'npm' && first === 'run') return helpOfScript(second ?? '');
  if (program === 'npm' && first === 'start') return START_HELP;
  if (program === 'npm' && (first === 'ci' || first === 'test')) return '';
  if (program === 'git' || program === 'cd') return command;
  throw new Error(`Nobody knows the command ${command}`);
}

function helpOfScript(name: string): string {
  const script = scripts[name];
  if (script === undefined) throw new Error(`There is no script ${name}`);
  const file = /^node (\S+\.ts)$/.exec(script)?.[1];
  if (file === undefined) return `${script} ${script.startsWith('cdk ') ? helpOfCdk() : ''}`;
  // Scripts of ours name their flags without the dashes where they parse them.
  return readFileSync(file, 'utf8').replaceAll(/^ +'?([a-z-]+)'?: \{ type:/gm, '--$1');
}

describe('the commands in the documentation', () => {
  it('are found', () => {
    expect(documented.length).toBeGreaterThan(15);
  });

  it.each(documented)('$file: $command', async ({ command }) => {
    const help = await helpFor(command);
    for (const flag of flagsOf(command.split(/\s+/))) expect(help).toContain(flag);
  });
});

describe('the links in the documentation', () => {
  const links = [...globSync('*.md'), ...globSync('docs/**/*.md')].flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)].map(
      ([, path = '', anchor]) => ({ file, path, anchor }),
    ),
  );

  it.each(links)('$file leads to $path#$anchor', ({ file, path, anchor }) => {
    const target = path === '' ? file : new URL(path, `file:///${file}`).pathname.slice(1);
    expect(existsSync(target), target).toBe(true);
    if (anchor === undefined) return;
    const anchors = [...readFileSync(target, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    );
    expect(anchors).toContain(anchor);
  });
});
