import { readFile } from 'node:fs/promises';
import { Option } from '@commander-js/extra-typings';
import * as z from 'zod';
import { systemClock } from '../../../../shared/clock.ts';
import { timeText } from '../../../../shared/time-text.ts';
import { queryEngineOf } from '../../../query/engine-of.ts';
import type { Answer } from '../../../query/query-engine.ts';
import { type SavedQuestion, savedQuestions, statementOf } from '../../../query/saved-questions.ts';
import { CommandFailedError } from '../../terminal/command-failed-error.ts';
import { tableText } from '../../terminal/table-text.ts';
import { print, printAll, type Terminal, tell } from '../../terminal/terminal.ts';
import { type Ops, opsCommand, UsageError } from '../command.ts';
import { answerLines, FORMATS, scannedText } from './answer-lines.ts';
import { untilInterrupted } from './until-interrupted.ts';

/** Of a process that Ctrl-C has ended. */
const INTERRUPTED = 130;

/** The command, with an option for each parameter of the saved questions. */
export async function queryCommand() {
  const questions = await savedQuestions();
  return (ops: Ops) => {
    const command = opsCommand(
      'query',
      'ask the mirrored data in SQL',
      'Reads the tables that are published after each run (docs/analytics.md): DuckDB asks those in the data folder, ' +
        'Athena those of a stage. `--saved` without a name lists the questions that come with the project.',
    )
      .argument('[sql]', 'one statement that reads')
      .option('--file <path>', 'take the statement from a file; - is standard input')
      .option('--saved [name]', 'ask a saved question, or list them')
      .addOption(
        new Option('--format <format>', 'how to print the answer').choices(FORMATS).default('table' as const),
      )
      .optionsGroup('For saved questions:');
    for (const [name, about] of parametersOf(questions)) command.option(`--${name} <value>`, about);
    return command.action((sql, { file, saved, format, stage, dataDir, live, ...rest }) => {
      if ([sql, file, saved].filter((given) => given !== undefined).length !== 1) {
        throw new UsageError('Give one of: a statement, --file, --saved.', 'query');
      }
      if (saved === true) return listQuestions(questions, ops.terminal);
      const given = z.record(z.string(), z.string()).parse(rest);
      const question = saved === undefined ? undefined : questionNamed(saved, questions);
      refuseStrangers(given, question);
      return ops.openData({ dataDir, stage, live })(async (data) => {
        const statement =
          question === undefined
            ? (sql ?? (await textOf(file ?? '-', ops.terminal)))
            : statementOf(question, given, systemClock.now());
        const engine = await queryEngineOf(data);
        try {
          const outcome = await untilInterrupted(async (signal) => {
            const answer = await engine.ask(statement, signal);
            await printAll(ops.terminal, answerLines(answer, format));
            tellAbout(answer, data.timeZone, ops.terminal);
          });
          if (outcome !== 'interrupted') return;
          tell(ops.terminal, 'Canceled.');
          ops.exitCode = INTERRUPTED;
        } finally {
          await engine.close();
        }
      });
    });
  };
}

/** Each parameter once, with what it means to those who have it. */
function parametersOf(questions: readonly SavedQuestion[]): Map<string, string> {
  const parameters = new Map<string, string>();
  for (const { parameters: own } of questions) {
    for (const { name, about } of own) parameters.set(name, parameters.get(name) ?? about);
  }
  return parameters;
}

function questionNamed(name: string, questions: readonly SavedQuestion[]): SavedQuestion {
  const found = questions.find((question) => question.name === name);
  if (found !== undefined) return found;
  throw new UsageError(
    `There is no saved question ${name}. There are: ${questions.map((question) => question.name).join(', ')}.`,
    'query',
  );
}

function refuseStrangers(given: Record<string, string>, question: SavedQuestion | undefined): void {
  const known = question?.parameters.map(({ name }) => name) ?? [];
  const stranger = Object.keys(given).find((name) => !known.includes(name));
  if (stranger === undefined) return;
  throw new UsageError(
    question === undefined
      ? `--${stranger} is for saved questions.`
      : `${question.name} does not ask for --${stranger}.`,
    'query',
  );
}

function listQuestions(questions: readonly SavedQuestion[], terminal: Terminal): void {
  const rows = questions.map(({ name, title, parameters }) => [
    name,
    title,
    parameters.map((parameter) => `--${parameter.name}`).join(' '),
  ]);
  print(terminal, tableText([['NAME', 'QUESTION', 'OPTIONS'], ...rows]));
}

async function textOf(path: string, terminal: Terminal): Promise<string> {
  if (path === '-') return (await terminal.in.toArray()).map(String).join('');
  return readFile(path, 'utf8').catch((cause: unknown) => {
    throw new CommandFailedError(`${path} cannot be read.`, 'Give the path of a file with one statement.', {
      cause,
    });
  });
}

function tellAbout({ asOf, scannedBytes }: Answer, timeZone: string, terminal: Terminal): void {
  if (asOf !== undefined) tell(terminal, `As of ${timeText(asOf, timeZone)}.`);
  if (scannedBytes !== undefined) tell(terminal, scannedText(scannedBytes));
}
