import { beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../shared/json.ts';
import { InMemoryRecordStore } from '../../support/in-memory/record-store.ts';
import { EngineKit } from '../../support/sync/sync-kit.ts';

const DAY_MS = 24 * 60 * 60_000;
const ITEMS = 'scope-specific-bid-form-line-items';

const item = (id: string, description = 'as it was'): JsonObject => ({ id, description });

describe('the line items of a form', () => {
  let kit: EngineKit;

  beforeEach(async () => {
    kit = new EngineKit({ resource: 'scope-specific-bid-forms' });
    kit.hold('form', { projectId: 'p' }, { lists: { [ITEMS]: [item('a'), item('b'), item('c')] } });
    kit.hold('other', { projectId: 'p' }, { lists: { [ITEMS]: [item('a')] } });
    kit.nowMs += DAY_MS;
    await kit.run();
    kit.nowMs += DAY_MS;
  });

  const change = (items: JsonObject[]) => kit.hold('form', { projectId: 'p' }, { lists: { [ITEMS]: items } });
  const stored = async (id: string) =>
    (await kit.ports.records.get({ resource: ITEMS, parentId: 'form', id }))?.data;

  it('are records of their own, and the form is stored without them', async () => {
    expect((await kit.record('form'))?.data).not.toHaveProperty('lineItems');
    expect(await stored('b')).toEqual(item('b'));
    expect(await kit.elementsOf('form')).toEqual(['a', 'b', 'c']);
  });

  it.each([
    ['added', [item('a'), item('b'), item('new'), item('c')], { created: 1, updated: 0, deleted: 0 }],
    ['changed', [item('a'), item('b', 'changed'), item('c')], { created: 0, updated: 1, deleted: 0 }],
    ['removed', [item('a'), item('c')], { created: 0, updated: 0, deleted: 1 }],
    ['put in another order', [item('c'), item('a'), item('b')], { created: 0, updated: 0, deleted: 0 }],
    ['all replaced', [item('x'), item('y')], { created: 2, updated: 0, deleted: 3 }],
    ['all removed', [], { created: 0, updated: 0, deleted: 3 }],
  ])('are followed when they are %s', async (_case, items, counts) => {
    change(items);
    const { lastRun } = await kit.run();

    expect(lastRun?.totals.lineItems).toMatchObject(counts);
    expect(await kit.elementsOf('form')).toEqual(items.map(({ id }) => id));
    for (const each of items) expect(await stored(String(each.id))).toEqual(each);
    expect(await kit.elementsOf('other')).toEqual(['a']);
  });

  it('are followed by a full sweep when the form does not tell', async () => {
    const form = kit.held.get('form');
    if (form !== undefined) form.lists = { [ITEMS]: [item('c', 'changed'), item('a')] };
    await kit.run();
    expect(await kit.elementsOf('form')).toEqual(['a', 'b', 'c']);

    await kit.run({ mode: 'full' });
    expect(await kit.elementsOf('form')).toEqual(['c', 'a']);
    expect(await stored('c')).toEqual(item('c', 'changed'));
  });

  it('go and come back with their form', async () => {
    kit.held.delete('form');
    for (let index = 0; index < 8; index += 1) kit.hold(`more-${index}`, {}, { lists: { [ITEMS]: [] } });
    const { lastRun } = await kit.run({ mode: 'full' });

    expect(lastRun?.totals).toMatchObject({ counts: { deleted: 1 }, lineItems: { deleted: 3 } });
    expect(await kit.elementsOf('form')).toEqual([]);

    change([item('a'), item('b')]);
    await kit.run();
    expect(await kit.elementsOf('form')).toEqual(['a', 'b']);
  });

  it('that cannot be stored are kept aside, and what is stored of them stays', async () => {
    change([item('a'), { id: 'b', deep: nested(40) }, item('c'), { noId: true }, 'text' as never]);
    const { lastRun } = await kit.run();

    expect(lastRun).toMatchObject({
      status: 'complete',
      totals: { lineItems: { quarantined: 3, deleted: 0 } },
    });
    expect(await stored('b')).toEqual(item('b'));
    expect(await kit.ports.quarantine.list(ITEMS, 'company')).toHaveLength(3);

    change([item('a'), item('b', 'well again'), item('c')]);
    await kit.run();
    expect(await stored('b')).toEqual(item('b', 'well again'));
    expect((await kit.ports.quarantine.list(ITEMS, 'company')).map(({ key }) => key)).not.toContain('form.b');
  });

  it('with an id that no store could take do not hold up the list', async () => {
    change([item('a'), item('x'.repeat(500_000)), item('c')]);
    const { lastRun } = await kit.run();

    expect(lastRun).toMatchObject({
      status: 'complete',
      totals: { lineItems: { quarantined: 1, deleted: 1 } },
    });
    expect(await kit.elementsOf('form')).toEqual(['a', 'c']);
  });

  it('of a form that vanishes while they are read do not fail the run', async () => {
    kit.nowMs += DAY_MS;
    const many = Array.from({ length: 250 }, (_, index) => item(`i${index}`));
    kit.hold('vanishing', {}, { lists: { [ITEMS]: many } });
    kit.hold('staying', {}, { lists: { [ITEMS]: [item('z')] } });
    kit.beforeResponse = ({ kind }) => {
      if (kind === 'nested') kit.held.delete('vanishing');
    };
    const { lastRun } = await kit.run();

    expect(lastRun?.status).toBe('complete');
    expect(await kit.elementsOf('staying')).toEqual(['z']);
  });

  it('of a form that vanishes while it is read by its id do not fail the run', async () => {
    kit.nowMs += DAY_MS;
    for (let index = 0; index < 8; index += 1) kit.hold(`more-${index}`, {}, { lists: { [ITEMS]: [] } });
    const many = Array.from({ length: 250 }, (_, index) => item(`i${index}`));
    const unlisted = kit.hold('unlisted', {}, { lists: { [ITEMS]: many } });
    await kit.run();
    kit.nowMs += DAY_MS;
    change([item('a')]);
    const listed = [...kit.held.keys()];
    kit.beforeResponse = ({ kind }) => {
      if (kind === 'read')
        kit.held.set('unlisted', { ...unlisted, lists: { [ITEMS]: [...many, item('new')] } });
      else kit.held.delete('unlisted');
      if (kind === 'nested') kit.beforeResponse = () => {};
    };
    const { lastRun } = await kit.run({ mode: 'full' });

    expect(lastRun).toMatchObject({ status: 'complete', totals: { counts: { deleted: 0 } } });
    expect(listed).toContain('unlisted');
    expect(await kit.elementsOf('unlisted')).toHaveLength(250);
    expect((await kit.run({ mode: 'full' })).lastRun).toMatchObject({ totals: { counts: { deleted: 1 } } });
    expect(await kit.elementsOf('unlisted')).toEqual([]);
  });

  it('are looked at by a full sweep that is handed over on the page before them', async () => {
    const many = (description: string) =>
      Array.from({ length: 150 }, (_, index) => item(`i${index}`, description));
    for (const id of ['long-a', 'long-b']) kit.hold(id, {}, { lists: { [ITEMS]: many('as it was') } });
    await kit.run();
    kit.nowMs += DAY_MS;
    const form = kit.held.get('long-b');
    if (form !== undefined) form.lists = { [ITEMS]: many('changed') };
    kit.timeLeftMs = () => 10_000;

    expect((await kit.run({ mode: 'full' })).lastRun?.totals.lineItems).toMatchObject({ updated: 150 });
  });

  it('that a form comes without are read from their own path', async () => {
    const { payloadOf } = kit.model;
    kit.model.payloadOf = (resource, record) => {
      const { lineItems: _none, ...form } = payloadOf.call(kit.model, resource, record);
      return form;
    };
    change([item('b'), item('a')]);
    await kit.run();

    expect(await kit.elementsOf('form')).toEqual(['b', 'a']);
  });
});

describe('a list of line items that was half written', () => {
  it('is not taken for whole when the form becomes what it was', async () => {
    class DeadlyStore extends InMemoryRecordStore {
      isDeadly = false;
      override closeLists: InMemoryRecordStore['closeLists'] = (form, list) =>
        this.isDeadly ? new Promise(() => {}) : super.closeLists(form, list);
    }
    const records = new DeadlyStore();
    const kit = new EngineKit({ resource: 'scope-specific-bid-forms', stores: { records } });
    const before = [item('a'), item('b')];
    kit.hold('form', {}, { lists: { [ITEMS]: before } });
    await kit.run();
    kit.nowMs += DAY_MS;

    kit.hold('form', {}, { lists: { [ITEMS]: [item('a', 'changed'), item('new')] } });
    records.isDeadly = true;
    await kit.request();
    void kit.workOnNext();
    for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    records.isDeadly = false;
    kit.nowMs += DAY_MS;
    kit.hold('form', {}, { lists: { [ITEMS]: before } });
    await kit.drain();

    expect(await kit.elementsOf('form')).toEqual(['a', 'b']);
    expect((await records.get({ resource: ITEMS, parentId: 'form', id: 'a' }))?.data).toEqual(item('a'));
  });
});

function nested(levels: number): JsonObject {
  return levels === 0 ? {} : { below: nested(levels - 1) };
}
