import { reportFailure, SyncError } from '../../../shared/errors.ts';
import type { AnswerColumn, LakeTable, QueryEngine, Value } from '../../query/query-engine.ts';
import { type SavedQuestion, savedQuestions, statementOf } from '../../query/saved-questions.ts';

/** Of a statement in an address: Node takes no longer ones than about three times that. */
export const MOST_CHARACTERS = 4_000;
/** Of an answer that is shown. */
const MOST_ROWS = 1_000;
/** A question that takes longer is canceled. */
export const PATIENCE_MS = 30_000;

/** What an address asks. */
export interface Asked {
  /** '' where nothing is asked yet. */
  sql: string;
  /** The saved question that it comes from, with what is given for its parameters. */
  saved?: { question: SavedQuestion; given: Record<string, string> };
  /** Why it cannot be asked. */
  problem?: string;
}

/** The part of an answer that is shown. */
export interface ShownAnswer {
  columns: AnswerColumn[];
  rows: Value[][];
  /** Whether there are more rows. */
  isCut: boolean;
  asOf?: string;
  scannedBytes?: number;
}

/** Asks questions as addresses put them: a statement, or a saved question with its parameters. */
export class Asking {
  readonly #engine: () => Promise<QueryEngine>;
  readonly #patience: () => AbortSignal;
  #questions: Promise<SavedQuestion[]> | undefined;

  /** `engine`: opened when it is asked first. `patience`: aborted when a question has taken too long. */
  constructor(engine: () => Promise<QueryEngine>, patience: () => AbortSignal) {
    this.#engine = engine;
    this.#patience = patience;
  }

  questions(): Promise<SavedQuestion[]> {
    this.#questions ??= savedQuestions();
    return this.#questions;
  }

  async tables(): Promise<LakeTable[]> {
    return (await this.#engine()).tables();
  }

  async read(address: URLSearchParams, nowMs: number): Promise<Asked> {
    const sql = (address.get('sql') ?? '').trim();
    if (sql.length > MOST_CHARACTERS) {
      const problem = `The statement is longer than ${MOST_CHARACTERS} characters. Ask it in the terminal: npm run ops -- query --file PATH.`;
      return { sql, problem };
    }
    const name = address.get('saved');
    if (sql !== '' || name === null) return { sql };
    const question = (await this.questions()).find((each) => each.name === name);
    if (question === undefined) return { sql, problem: `There is no saved question ${name}.` };
    const given = Object.fromEntries(
      question.parameters.map((parameter) => [
        parameter.name,
        (address.get(parameter.name) ?? parameter.usual).slice(0, MOST_CHARACTERS),
      ]),
    );
    const saved = { question, given };
    try {
      return { sql: statementOf(question, given, nowMs), saved };
    } catch (error) {
      if (error instanceof SyncError) return { sql: '', saved, problem: problemText(error) };
      throw error;
    }
  }

  /** Canceled when whoever asks goes away, or after a while. */
  async answer(sql: string, gone: AbortSignal) {
    return (await this.#engine()).ask(sql, AbortSignal.any([gone, this.#patience()]));
  }

  /** As many rows as are shown; the rest is not read. */
  async shown(sql: string, gone: AbortSignal): Promise<ShownAnswer> {
    const { rows: all, ...about } = await this.answer(sql, gone);
    const rows: Value[][] = [];
    for await (const row of all) {
      if (rows.length === MOST_ROWS) return { ...about, rows, isCut: true };
      rows.push(row);
    }
    return { ...about, rows, isCut: false };
  }
}

/** What went wrong, in one line. */
export function problemText(error: unknown): string {
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    return `It took longer than ${PATIENCE_MS / 1_000} seconds and was canceled. Ask for less, or in the terminal: npm run ops -- query.`;
  }
  const { message, remedy } = reportFailure(error);
  return `${message} ${remedy}`.replaceAll(/\s+/g, ' ').trim();
}
