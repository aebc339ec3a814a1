import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { savedQuestions, statementOf } from '../../../infra/query/saved-questions.ts';
import { companyRecords, exported, lakeOf, NOW_MS } from './company-lake.ts';
import { differences, expectedAnswers } from './expected-answers.ts';

const stored = companyRecords();
const records = { records: exported(stored.records), versions: exported(stored.versions) };
const questions = await savedQuestions();

let lake: Awaited<ReturnType<typeof lakeOf>>;
beforeAll(async () => {
  lake = await lakeOf(stored);
});
afterAll(() => lake.remove());

/** For each question the usual, and each of its parameters given. */
const PARAMETERS: Record<string, Record<string, string>[]> = {
  'bid-coverage': [{ days: '60' }, { bids: '1' }, { days: '2.5', bids: '100' }],
  'bid-spread': [{ trade: 'ING' }, { trade: "o'h" }],
  'due-soon': [{ days: '90' }, { days: '0' }],
  'failed-transfers': [],
  'hit-rate': [{ client: 'riverside' }],
  'proposal-summary': [{ project: 'center' }],
  'response-rate': [{ trade: 'ing' }, { trade: "o'hara" }],
  'response-time': [{ trade: 'ing' }, { trade: "o'hara" }],
  'sub-status': [{ project: 'center' }],
  unanswered: [{ days: '45' }, { days: '1' }],
};
const CASES = Object.entries(PARAMETERS).flatMap(([name, given]) =>
  [{}, ...given].map((parameters): [string, Record<string, string>] => [name, parameters]),
);

describe('a saved question', () => {
  it('is one of ten, each with a title and parameters that are tried here', () => {
    expect(questions.map(({ name }) => name)).toEqual(Object.keys(PARAMETERS));
    for (const { name, title, about, parameters } of questions) {
      expect(
        [title, about].every((line) => /^[A-Z]/.test(line)),
        name,
      ).toBe(true);
      const tried = new Set(PARAMETERS[name]?.flatMap((given) => Object.keys(given)));
      expect([...tried].sort(), name).toEqual(parameters.map((parameter) => parameter.name).sort());
    }
  });

  it.each(CASES)('answers as a plain computation does: %s %j', async (name, parameters) => {
    const question = questions.find((each) => each.name === name);
    if (question === undefined) throw new TypeError(`There is no question ${name}.`);
    const expected = expectedAnswers(records, parameters, NOW_MS)[name] ?? [];
    const sql = statementOf(question, parameters, NOW_MS);
    const answer = await lake.engine.ask(sql, AbortSignal.timeout(20_000));
    expect(await differences(answer, expected)).toEqual([]);
    // A filter that lets nothing through would be right whatever it says.
    if (parameters.days !== '0') expect(expected.length).toBeGreaterThan(0);
  });

  it.each([
    ['soon-60-true', true],
    ['soon-60-false', false],
    ['soon-null-false', true],
    ['later-3-true', false],
    ['later-3-false', true],
    ['later-3-null', true],
    ['never-3-true', true],
    ['never-null-true', false],
    ['gone-3-true', true],
  ])('takes the date that holds for the package %s', async (id, isDue) => {
    const expected = expectedAnswers(records, {}, NOW_MS);
    expect(expected['bid-coverage']?.some((row) => row.bid_package_id === id)).toBe(isDue);
    expect(expected.unanswered?.some((row) => row.invite_id === `i-${id}`)).toBe(isDue);
  });
});
