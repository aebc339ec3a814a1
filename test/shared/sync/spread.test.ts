import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { grows, spreadAhead, spreadBack, spreadFromStart } from '../../../shared/sync/partitions/spread.ts';

const moment = fc
  .integer({ min: Date.parse('2020-01-01T00:00:00.000Z'), max: Date.parse('2030-01-01T00:00:00.000Z') })
  .map((ms) => new Date(ms).toISOString());
/** A page that is not all of one moment, as is asked before it is cut. */
const page = fc.uniqueArray(moment, { minLength: 2, maxLength: 100 }).map((moments) => moments.toSorted());
const records = fc.integer({ min: 1, max: 1_000_000 });
const share = fc.double({ min: 0, max: 1, noNaN: true });

function isMoment(text: string): boolean {
  return Number.isFinite(Date.parse(text));
}

describe('where a cut falls is a moment, whatever the page, the total and the clock say', () => {
  it('from the beginning of a list', () => {
    fc.assert(
      fc.property(page, moment, records, share, (onPage, end, total, part) => {
        expect(isMoment(spreadFromStart(onPage, end, total, 0).at(part))).toBe(true);
        expect(typeof grows(onPage)).toBe('boolean');
      }),
    );
  });

  it('from where a walk is', () => {
    fc.assert(
      fc.property(page, moment, records, share, (onPage, far, left, part) => {
        expect(isMoment(spreadAhead(onPage.at(-1) ?? far, far, left, onPage).at(part))).toBe(true);
      }),
    );
  });

  it('back from the newest record', () => {
    fc.assert(
      fc.property(page, records, share, (onPage, left, part) => {
        expect(isMoment(spreadBack(onPage.toReversed(), left).at(part))).toBe(true);
      }),
    );
  });
});
