import { expect, it } from 'vitest';
import { type JsonObject, parseJson } from '../../../shared/json.ts';
import { EngineKit } from '../../support/sync/sync-kit.ts';

const DAY_MS = 24 * 60 * 60_000;
const deep = (levels: number): JsonObject => (levels === 0 ? {} : { below: deep(levels - 1) });

it.each([
  ['is larger than an item may be', { text: 'x'.repeat(420_000) }, 'TOO_LARGE'],
  ['nests too deep', { below: deep(40) }, 'TOO_DEEP'],
  ['holds a number that DynamoDB refuses', { n: parseJson('1e400') }, 'NUMBER'],
])('a record that %s is kept aside, and the page goes on', async (_case, fields, reason) => {
  const kit = new EngineKit();
  kit.hold('a', { fine: true });
  kit.hold('b', fields);
  kit.hold('c', { fine: true });

  const { lastRun } = await kit.run();

  expect(lastRun).toMatchObject({
    status: 'complete',
    totals: { counts: { fetched: 3, created: 2, quarantined: 1 } },
  });
  expect([...(await kit.stored()).keys()]).toEqual(['a', 'c']);
  expect(await kit.ports.quarantine.list('invites', 'company')).toMatchObject([{ key: 'b', reason }]);
  expect(await kit.ports.quarantine.payload('invites', 'company', 'b')).toMatchObject(fields);
});

it.each([
  ['is no object', ['text', 3, null, ['list']]],
  ['has no usable id', [{ id: 7 }, { id: '' }, { id: 'a/b' }, { id: 'x'.repeat(129) }]],
])('what %s is kept aside by its content', async (_case, records) => {
  const kit = new EngineKit();
  const { list } = kit.model;
  kit.hold('a');
  kit.model.list = (request, readAt) => {
    const page = list.call(kit.model, request, readAt);
    return { ...page, records: [...page.records, ...records] };
  };
  const { lastRun } = await kit.run();
  await kit.run({ mode: 'full' });

  expect(lastRun?.totals.counts).toMatchObject({ created: 1, quarantined: 4 });
  expect(await kit.ports.quarantine.list('invites', 'company')).toHaveLength(4);
});

it('a record leaves quarantine when Autodesk sends it whole again', async () => {
  const kit = new EngineKit();
  kit.hold('a', { below: deep(40) });
  await kit.run();
  kit.nowMs += DAY_MS;
  kit.hold('a', { well: 'again' });
  await kit.run();

  expect((await kit.record('a'))?.data).toMatchObject({ well: 'again' });
  expect(await kit.ports.quarantine.list('invites', 'company')).toEqual([]);
});

it('a stored record is not called deleted because its new version cannot be stored', async () => {
  const kit = new EngineKit({ model: { readById: false } });
  for (let index = 0; index < 9; index += 1) kit.hold(`r${index}`);
  await kit.run();
  kit.nowMs += DAY_MS;
  kit.hold('r3', { below: deep(40) });

  for (let sweep = 0; sweep < 3; sweep += 1) await kit.run({ mode: 'full' });

  expect((await kit.record('r3'))?.deletedAt).toBeUndefined();
  expect(await kit.ports.quarantine.list('invites', 'company')).toHaveLength(1);
});
