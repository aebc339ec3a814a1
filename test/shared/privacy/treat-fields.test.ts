import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isJsonObject, type Json, parseJson } from '../../../shared/json.ts';
import {
  type FieldTreatments,
  hashWith,
  isHashed,
  treatFields,
} from '../../../shared/privacy/treat-fields.ts';

const hash = hashWith('a secret');

const NAMES = ['email', 'user', 'people', 'note', '__proto__'];
/** Objects and lists of each other, with `null` where a value will stand that is found nowhere else. */
const { shape } = fc.letrec<{ shape: Json }>((tie) => ({
  shape: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constant(null),
    fc.array(tie('shape'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...NAMES), tie('shape'), { maxKeys: 4 }),
  ),
}));
const record = fc
  .dictionary(fc.constantFrom(...NAMES), shape, { maxKeys: 5 })
  .map((members) => planted({ id: 'the-id', ...members }));
const paths = fc
  .array(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 3 })
  .map((names) => names.join('.'));
const policies: fc.Arbitrary<FieldTreatments> = fc.dictionary(paths, fc.constantFrom('drop', 'hash'));

/** The same with a value of its own in each place. */
function planted(value: Json, next = { number: 0 }): Json {
  if (Array.isArray(value)) return value.map((member) => planted(member, next));
  if (isJsonObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, planted(member, next)]));
  }
  if (value !== null) return value;
  next.number += 1;
  return `<planted ${next.number}>`;
}

/** Each scalar with the names of the members that lead to it. */
function leaves(value: Json, names: readonly string[] = []): { names: readonly string[]; value: Json }[] {
  if (Array.isArray(value)) return value.flatMap((member) => leaves(member, names));
  if (isJsonObject(value)) {
    return Object.entries(value).flatMap(([name, member]) => leaves(member, [...names, name]));
  }
  return [{ names, value }];
}

function fateOf(names: readonly string[], treatments: FieldTreatments): 'keep' | 'drop' | 'hash' {
  const policy = new Map(Object.entries(treatments));
  const found = names.map(
    (name, depth) => policy.get(names.slice(0, depth + 1).join('.')) ?? policy.get(name),
  );
  return found.find((treatment) => treatment === 'drop') ?? found.find(Boolean) ?? 'keep';
}

describe('a record with treated fields', () => {
  it('holds nothing of a value that is dropped or hashed, and every other as it was', () => {
    fc.assert(
      fc.property(record, policies, (before, treatments) => {
        const after = treatFields(before, treatments, hash);
        const text = JSON.stringify(after);
        for (const { names, value } of leaves(before)) {
          const fate = fateOf(names, treatments);
          expect([names, text.includes(JSON.stringify(value))]).toEqual([names, fate === 'keep']);
          expect([names, text.includes(hash(String(value)))]).toEqual([names, fate === 'hash']);
        }
        const expected = leaves(before).flatMap(({ names, value }) => {
          const fate = fateOf(names, treatments);
          return fate === 'drop' ? [] : [{ names, value: fate === 'hash' ? hash(String(value)) : value }];
        });
        expect(leaves(after)).toEqual(expected);
      }),
    );
  });

  it('keeps its id, and is the same treated twice', () => {
    fc.assert(
      fc.property(record, policies, (before, treatments) => {
        const after = treatFields(before, treatments, hash);
        expect(after).toMatchObject({ id: 'the-id' });
        expect(treatFields(after, treatments, hash)).toEqual(after);
      }),
    );
  });

  it('is equal where nothing is named', () => {
    fc.assert(
      fc.property(record, (before) => {
        expect(treatFields(before, {}, hash)).toEqual(before);
      }),
    );
  });

  it('loses a member wherever it stands by its name, and in one place by its path', () => {
    const before = { email: 'a', invitees: [{ email: 'b', id: '1' }], client: { lead: { email: 'c' } } };
    expect(treatFields(before, { email: 'drop' }, hash)).toEqual({
      invitees: [{ id: '1' }],
      client: { lead: {} },
    });
    expect(treatFields(before, { 'invitees.email': 'drop' }, hash)).toEqual({
      ...before,
      invitees: [{ id: '1' }],
    });
    expect(treatFields(before, { email: 'drop', 'invitees.email': 'hash' }, hash)).toEqual({
      invitees: [{ email: hash('b'), id: '1' }],
      client: { lead: {} },
    });
  });

  it('hashes texts, flags and numbers to their last digit, in lists and objects too, and keeps null', () => {
    const before = parseJson('{"who":{"a":"x","b":[1.5,true,null,12345678901234567890],"drop":"y"}}');
    expect(treatFields(before, { who: 'hash', drop: 'drop' }, hash)).toEqual({
      who: { a: hash('x'), b: [hash('1.5'), hash('true'), null, hash('12345678901234567890')] },
    });
  });

  it('hashes the same value to the same text, which nobody finds without the secret', () => {
    expect(hash('ana@example.com')).toMatch(/^hash:[\w-]{22}$/);
    expect(hashWith('a secret')('ana@example.com')).toBe(hash('ana@example.com'));
    expect(hashWith('another')('ana@example.com')).not.toBe(hash('ana@example.com'));
    expect(isHashed(hash(''))).toBe(true);
    expect(isHashed('ana@example.com')).toBe(false);
    // HMAC-SHA256 of RFC 4231, test case 2, its first 16 bytes.
    const known = Buffer.from('5bdcc146bf60754e6a042426089575c7', 'hex').toString('base64url');
    expect(hashWith('Jefe')('what do ya want for nothing?')).toBe(`hash:${known}`);
  });

  it('finds a part of a record by the path where it stands', () => {
    const treatments = { 'lineItems.results.description': 'drop' } as const;
    const before = { id: '1', description: 'x' };
    expect(treatFields(before, treatments, hash, 'lineItems.results')).toEqual({ id: '1' });
    expect(treatFields(before, treatments, hash)).toEqual(before);
  });
});
