import { Readable, Writable } from 'node:stream';
import type { RunCommand } from '../ops/commands/command.ts';
import type { Target } from '../ops/targets/target.ts';

/** What the console can do: each is a command of `ops`, and does what that does. */
interface Action {
  /** Asked before it is done. */
  question: string;
  /** The command line, from the fields of the form. */
  args: (field: (name: string) => string, who: string) => string[];
}

const KNOWN: Record<string, Action> = {
  ack: { question: 'Acknowledge it?', args: (field, who) => ['ack', field('id'), '--by', who] },
  silence: {
    question: 'Silence it for a day?',
    args: (field, who) => ['silence', field('id'), '--hours', '24', '--by', who],
  },
  reopen: { question: 'Open it again?', args: (field, who) => ['reopen', field('id'), '--by', who] },
  sync: { question: 'Sync this list now?', args: (field) => ['sync', '--resource', field('resource')] },
  'sync-full': {
    question: 'Read the whole list again?',
    args: (field) => ['sync', '--resource', field('resource'), '--full'],
  },
  'sync-all': { question: 'Sync all lists now?', args: () => ['sync'] },
  retry: {
    question: 'Retry what is in quarantine?',
    args: (field) => ['quarantine', 'retry', ...(field('key') === '' ? [] : [field('key')])],
  },
  redrive: { question: 'Move all dead letters back to their queues?', args: () => ['redrive'] },
  replay: { question: 'Confirm this callback again?', args: (field) => ['replay', field('jobId')] },
  'alerts-test': { question: 'Send a test alert to Slack and by email?', args: () => ['alerts-test'] },
};

/** By the name that stands in the address of a form. */
export const ACTIONS: ReadonlyMap<string, Action> = new Map(Object.entries(KNOWN));

export interface ActionOutcome {
  /** As it would be typed. */
  command: string;
  exitCode: number;
  printed: string;
}

/** Runs a command of `ops` on a target that is open already. */
export async function perform(
  args: readonly string[],
  target: Target,
  run: RunCommand,
): Promise<ActionOutcome> {
  const lines: string[] = [];
  const collect = () =>
    new Writable({
      write(chunk, _encoding, done) {
        lines.push(String(chunk));
        done();
      },
    });
  const exitCode = await run(args, {
    terminal: { out: collect(), err: collect(), in: Readable.from([]), isInteractive: false },
    open: () => (work) => work(target),
    openData: () => (work) => work(target),
    exitCode: 0,
    run,
  });
  return { command: commandText(args, target), exitCode, printed: lines.join('').trim() };
}

/** The command as a person would type it, where it is. */
export function commandText(args: readonly string[], { where }: Target): string {
  const quoted = args.map((arg) => (/^[\w./:-]+$/.test(arg) ? arg : `"${arg.replaceAll('"', '\\"')}"`));
  return [...quoted, ...(where.kind === 'aws' ? ['--stage', where.stage] : [])].join(' ');
}
