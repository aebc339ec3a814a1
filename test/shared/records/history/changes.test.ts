import { describe, expect, it } from 'vitest';
import { isJsonObject, type JsonObject, parseJson } from '../../../../shared/json.ts';
import { changesBetween, shortText } from '../../../../shared/records/history/changes.ts';

function object(text: string): JsonObject {
  const value = parseJson(text);
  if (!isJsonObject(value)) throw new TypeError('Not an object.');
  return value;
}

describe('what changed between two versions', () => {
  it.each([
    ['nothing, whatever the order of the fields', '{"a":1,"b":{"c":[]}}', '{"b":{"c":[]},"a":1}', []],
    ['a field', '{"a":1}', '{"a":2}', [{ path: 'a', before: 1, after: 2 }]],
    ['a new field, which may be null', '{}', '{"a":null}', [{ path: 'a', after: null }]],
    ['a field that is gone', '{"a":{"b":1}}', '{}', [{ path: 'a', before: { b: 1 } }]],
    [
      'a nested field',
      '{"a":{"b":{"c":1}}}',
      '{"a":{"b":{"c":"1"}}}',
      [{ path: 'a.b.c', before: 1, after: '1' }],
    ],
    [
      'an entry of a list',
      '{"a":[{"b":1},2]}',
      '{"a":[{"b":3},2]}',
      [{ path: 'a[0].b', before: 1, after: 3 }],
    ],
    ['a list that grew, as a whole', '{"a":[1]}', '{"a":[0,1]}', [{ path: 'a', before: [1], after: [0, 1] }]],
    ['an object that became a list', '{"a":{}}', '{"a":[]}', [{ path: 'a', before: {}, after: [] }]],
    [
      'a field with an odd name',
      '{"x":{"a b":1}}',
      '{"x":{"a b":2}}',
      [{ path: 'x["a b"]', before: 1, after: 2 }],
    ],
    [
      'a field called as a member that objects have',
      '{}',
      '{"toString":1}',
      [{ path: 'toString', after: 1 }],
    ],
  ])('tells %s', (_case, before, after, changes) => {
    expect(changesBetween(object(before), object(after))).toEqual(changes);
  });

  it('compares numbers that a double would round', () => {
    const [change, ...rest] = changesBetween(
      object('{"n":9007199254740993,"same":9007199254740993}'),
      object('{"n":9007199254740995,"same":9007199254740993}'),
    );

    expect(rest).toEqual([]);
    expect(JSON.stringify(change)).toBe('{"path":"n","before":9007199254740993,"after":9007199254740995}');
  });
});

it('shows a value in one line of bounded length', () => {
  expect(shortText(undefined)).toBe('(none)');
  expect(shortText('a\nb')).toBe('"a\\nb"');
  expect(shortText('x'.repeat(1_000))).toHaveLength(100);
});
