import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchesWildcards } from './wildcards.ts';

const text = fc.string({ unit: 'binary', maxLength: 20 });
const plain = text.map((value) => value.replace(/[*?]/g, '-'));
/** Few letters, so that something matches now and then. */
const short = fc.string({ unit: fc.constantFrom('a', 'b', ':'), maxLength: 7 });
const pattern = fc.string({ unit: fc.constantFrom('a', 'b', ':', '*', '?'), maxLength: 7 });

/** The definition, slow and without expressions. */
function defined(wanted: readonly string[], found: readonly string[]): boolean {
  const [first, ...rest] = wanted;
  if (first === undefined) return found.length === 0;
  if (first === '*') return defined(rest, found) || (found.length > 0 && defined(wanted, found.slice(1)));
  return found.length > 0 && (first === '?' || first === found[0]) && defined(rest, found.slice(1));
}

describe('wildcards in a policy', () => {
  it('match what their definition says', () => {
    fc.assert(
      fc.property(pattern, short, (wanted, found) => {
        expect(matchesWildcards(wanted, found)).toBe(defined([...wanted], [...found]));
      }),
      { numRuns: 2000 },
    );
  });

  it('match only itself where there are none, whatever the characters', () => {
    fc.assert(
      fc.property(plain, plain, (one, other) => {
        expect(matchesWildcards(one, one)).toBe(true);
        expect(matchesWildcards(one, other)).toBe(one === other);
      }),
    );
  });

  it('match any text between two parts', () => {
    fc.assert(
      fc.property(plain, text, plain, (before, between, after) => {
        expect(matchesWildcards(`${before}*${after}`, before + between + after)).toBe(true);
      }),
    );
  });
});
