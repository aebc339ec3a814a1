import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, isDeeperThan, isJsonObject, numberFromSource, parseJson } from '../../shared/json.ts';

/** Any JSON text, numbers of any length included. */
const number = fc
  .tuple(
    fc.boolean(),
    fc.bigInt({ min: 0n, max: 10n ** 40n }),
    fc.option(fc.stringMatching(/^\d{1,30}$/)),
    fc.option(fc.integer({ min: -140, max: 140 })),
  )
  .map(([negative, whole, fraction, power]) =>
    [
      negative ? '-' : '',
      whole,
      fraction === null ? '' : `.${fraction}`,
      power === null ? '' : `e${power}`,
    ].join(''),
  );
const scalar = fc.oneof(
  number,
  fc.string({ unit: 'binary' }).map((text) => JSON.stringify(text)),
  fc.constantFrom('null', 'true', 'false'),
);
const { text } = fc.letrec<{ text: string }>((tie) => ({
  text: fc.oneof(
    { depthSize: 'small' },
    scalar,
    fc.array(tie('text'), { maxLength: 4 }).map((members) => `[${members.join()}]`),
    fc
      .uniqueArray(fc.tuple(fc.string(), tie('text')), { maxLength: 4, selector: ([key]) => key })
      .map((members) => `{${members.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join()}}`),
  ),
}));

/** The value of a decimal text as digits and a power of ten. */
function decimal(source: string): string {
  const [, sign, whole = '', fraction = '', power = '0'] =
    /^(-?)(\d+)\.?(\d*)e?([+-]?\d*)$/i.exec(source) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, '').replace(/0+$/, '');
  const shift = Number(power || 0) + whole.length - (/^0*/.exec(`${whole}${fraction}`)?.[0].length ?? 0);
  return digits === '' ? '0' : `${sign}0.${digits}e${shift}`;
}

describe('JSON', () => {
  it('comes out as it went in, to the last digit', () => {
    fc.assert(
      fc.property(text, (source) => {
        const once = JSON.stringify(parseJson(source));
        expect(JSON.stringify(parseJson(once))).toBe(once);
        const numbers = (json: string) =>
          json.replace(/"(?:[^"\\]|\\.)*"/g, '').match(/-?\d[\d.eE+-]*/g) ?? [];
        expect(numbers(once).map(decimal).sort()).toEqual(numbers(source).map(decimal).sort());
      }),
    );
  });

  it('is the same canonical text whatever the order of its keys', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), text), (members) => {
        const inOrder = Object.entries(members).map(([key, value]) => `${JSON.stringify(key)}:${value}`);
        const canonical = (list: string[]) => canonicalJson(parseJson(`{${list.join()}}`));
        expect(canonical(inOrder)).toBe(canonical(inOrder.toReversed()));
      }),
    );
  });

  it('has a canonical text that means the same', () => {
    fc.assert(
      fc.property(text, (source) => {
        const canonical = canonicalJson(parseJson(source));
        expect(canonicalJson(parseJson(canonical))).toBe(canonical);
      }),
    );
  });

  it('keeps a number as text only where a double would round it', () => {
    expect(numberFromSource('1.50')).toBe(1.5);
    expect(numberFromSource('9007199254740991')).toBe(9_007_199_254_740_991);
    expect(JSON.stringify(numberFromSource('9007199254740993'))).toBe('9007199254740993');
    expect(JSON.stringify(numberFromSource('1e400'))).toBe('1e400');
  });

  it('keeps keys that JavaScript gives a meaning', () => {
    const value = parseJson('{"__proto__":{"a":1},"constructor":2}');
    expect(isJsonObject(value) && Object.keys(value)).toEqual(['__proto__', 'constructor']);
    expect(canonicalJson(value)).toBe('{"__proto__":{"a":1},"constructor":2}');
  });

  it.each([
    ['"text"', 0],
    ['{}', 1],
    ['[[]]', 2],
    ['{"a":[{"b":1}]}', 3],
  ])('knows how deep %s nests', (source, levels) => {
    expect(isDeeperThan(parseJson(source), levels)).toBe(false);
    if (levels > 0) expect(isDeeperThan(parseJson(source), levels - 1)).toBe(true);
  });
});
