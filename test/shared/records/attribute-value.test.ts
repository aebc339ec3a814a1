import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, isJsonObject, type JsonObject, parseJson } from '../../../shared/json.ts';
import { fromAttributes, toAttribute, toAttributes } from '../../../shared/records/attribute-value.ts';
import { comparableTime, contentHash } from '../../../shared/records/content-hash.ts';
import { RecordRefusedError } from '../../../shared/records/refusal.ts';

/** Objects with odd keys and any values that DynamoDB can hold. */
const anyObject: fc.Arbitrary<JsonObject> = fc
  .dictionary(
    fc.oneof(fc.string(), fc.constantFrom('__proto__', '___proto__', 'constructor', '')),
    fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.stringify(value)),
  )
  .map((members) => {
    const text = Object.entries(members).map(([key, value]) => `${JSON.stringify(key)}:${value}`);
    const object = parseJson(`{${text.join()}}`);
    return isJsonObject(object) ? object : {};
  })
  .filter((object) => !/e[+-]?\d{3}/.test(canonicalJson(object)));

describe('a record as attributes', () => {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(anyObject, (object) => {
        expect(canonicalJson(fromAttributes(toAttributes(object)))).toBe(canonicalJson(object));
      }),
    );
  });

  it.each([
    '0',
    '-0',
    '1e-130',
    '9.99e125',
    '1e125',
    '12345678901234567890123456789012345678',
    '-0.00000001',
  ])('holds the number %s', (source) => {
    expect(toAttribute(parseJson(`[${source}]`))).toEqual({ L: [{ N: expect.any(String) }] });
  });

  it.each(['1e126', '1e-131', '123456789012345678901234567890123456789', '-1e130', '1e400'])(
    'refuses the number %s',
    (source) => {
      expect(() => toAttribute(parseJson(source))).toThrow(RecordRefusedError);
    },
  );

  it('of a kind that JSON has not is refused', () => {
    expect(() => fromAttributes({ set: { SS: ['a'] } })).toThrow(TypeError);
  });
});

describe('a content hash', () => {
  it('differs where the content does, and is short', () => {
    fc.assert(
      fc.property(anyObject, anyObject, (a, b) => {
        const [one, two] = [canonicalJson(a), canonicalJson(b)];
        expect(contentHash(one) === contentHash(two)).toBe(one === two);
        expect(contentHash(one)).toMatch(/^[\w-]{22}$/);
      }),
    );
  });
});

describe('a time', () => {
  it.each([
    ['2026-11-01T10:00:00Z', '2026-11-01T10:00:00.000Z'],
    ['2026-11-01T10:00:00.5+02:00', '2026-11-01T08:00:00.500Z'],
    ['soon', undefined],
    [null, undefined],
    [1_700_000_000_000, undefined],
  ])('sent as %s is compared as %s', (sent, compared) => {
    expect(comparableTime(sent)).toBe(compared);
  });
});
