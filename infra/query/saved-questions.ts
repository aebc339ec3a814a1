import { readdir, readFile } from 'node:fs/promises';
import { SyncError } from '../../shared/errors.ts';
import { bareStatement } from './read-only.ts';

/** What a question leaves open. `now` is known to every question: the moment of asking. */
export interface Parameter {
  name: string;
  kind: 'text' | 'number';
  about: string;
  /** Where nothing is given: '' is any text. */
  usual: string;
}

/** A question that is kept in a file: its title, what it says, and what it leaves open. */
export interface SavedQuestion {
  name: string;
  title: string;
  about: string;
  parameters: Parameter[];
  sql: string;
}

const FOLDER = new URL('questions/', import.meta.url);

/** The questions that come with the project, by name. */
export async function savedQuestions(): Promise<SavedQuestion[]> {
  const files = (await readdir(FOLDER)).filter((file) => file.endsWith('.sql')).sort();
  return Promise.all(
    files.map(async (file) =>
      parseQuestion(file.replace(/\.sql$/, ''), await readFile(new URL(file, FOLDER), 'utf8')),
    ),
  );
}

/** Reads the comments that a question begins with: its title, what it says, and a line for each parameter. */
export function parseQuestion(name: string, text: string): SavedQuestion {
  const lines = text.split('\n');
  const end = lines.findIndex((line) => !line.startsWith('--'));
  const [title = '', about = '', ...rest] = lines.slice(0, end).map((line) => line.replace(/^-- ?/, ''));
  const parameters = rest.map((line): Parameter => {
    const [, parameter, kind, usual, what] = /^(\w+) (text|number)(?: = (\S+))?: (.*)$/.exec(line) ?? [];
    if (parameter === undefined || (kind !== 'text' && kind !== 'number') || what === undefined) {
      throw new TypeError(`The question ${name} has a parameter that cannot be read: ${line}`);
    }
    return { name: parameter, kind, about: what, usual: usual ?? '' };
  });
  return { name, title, about, parameters, sql: lines.slice(end).join('\n').trim() };
}

/** A value for a parameter is not one. */
export class BadParameterError extends SyncError {
  override readonly name = 'BadParameterError';
  readonly code = 'BAD_PARAMETER';
  readonly disposition = 'fail';

  constructor(parameter: Parameter, given: string) {
    super(`${given} is no ${parameter.kind} for ${parameter.name}.`, 'Give a number, such as 7.');
  }
}

/** The statement of a question, with what is given in place of its parameters. `nowMs`: milliseconds since 1970. */
export function statementOf(
  { sql, parameters }: SavedQuestion,
  given: Readonly<Record<string, string>>,
  nowMs: number,
): string {
  const literals = new Map(
    parameters.map((parameter) => [
      parameter.name,
      literalOf(parameter, given[parameter.name] ?? parameter.usual),
    ]),
  );
  literals.set('now', `TIMESTAMP '${new Date(nowMs).toISOString().replace('T', ' ').replace('Z', '')}'`);
  const bare = bareStatement(sql);
  return sql.replaceAll(/:([a-z]+)\b/g, (part, name: string, place: number) =>
    bare[place] === ':' ? (literals.get(name) ?? part) : part,
  );
}

function literalOf(parameter: Parameter, given: string): string {
  if (parameter.kind === 'text') return `'${given.replaceAll("'", "''")}'`;
  if (!/^\d+(?:\.\d+)?$/.test(given)) throw new BadParameterError(parameter, given);
  return given;
}
