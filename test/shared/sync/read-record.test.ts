import { beforeEach, describe, expect, it } from 'vitest';
import { RateLimitedError } from '../../../shared/autodesk/http/errors.ts';
import { requireResource } from '../../../shared/resources/registry.ts';
import { readRecord } from '../../../shared/sync/storing/read-record.ts';
import { EngineKit } from '../../support/sync/sync-kit.ts';

const enabledResources = ['bids', 'opportunities', 'opportunity-comments'];
const message = (resource: string, id: string, parentId?: string) => ({
  kind: 'read-record' as const,
  resource,
  scope: 'company',
  id,
  ...(parentId !== undefined && { parentId }),
});

describe('reading a record that a webhook told of', () => {
  let kit: EngineKit;
  beforeEach(() => {
    kit = new EngineKit({ resource: 'opportunities', settings: { enabledResources } });
  });

  it('stores it and wakes the alerts, once', async () => {
    kit.hold('o1', { name: 'Tower' });

    await readRecord(message('opportunities', 'o1'), kit.engine());
    kit.nowMs += 1_000;
    await readRecord(message('opportunities', 'o1'), kit.engine());

    expect((await kit.record('o1'))?.data).toMatchObject({ id: 'o1', name: 'Tower' });
    expect(kit.alertQueue.sent).toEqual([
      { kind: 'evaluate', hints: [{ resource: 'opportunities', id: 'o1' }] },
    ]);
  });

  it('takes one call, which waits for no run', async () => {
    kit.hold('o1');
    const urgent: (boolean | undefined)[] = [];
    const engine = kit.engine();
    const { read } = engine.api;
    engine.api = {
      ...engine.api,
      read: (resource, ...more) => {
        urgent.push(resource.urgent);
        return read(resource, ...more);
      },
    };

    await readRecord(message('opportunities', 'o1'), engine);

    expect(urgent).toEqual([true]);
  });

  it('stores a bid with its line items and plugs', async () => {
    kit = new EngineKit({ resource: 'bids', settings: { enabledResources } });
    const items = Array.from({ length: 150 }, (_, index) => ({ id: `i${index}` }));
    kit.hold('b1', {}, { lists: { 'bid-line-items': items, 'bid-plugs': [{ id: 'p1' }] } });

    await readRecord(message('bids', 'b1'), kit.engine());

    expect(await kit.elementsOf('b1', 'bid-line-items')).toEqual(items.map(({ id }) => id));
    expect(await kit.elementsOf('b1', 'bid-plugs')).toEqual(['p1']);
  });

  it('does not bring back an older version that comes late', async () => {
    kit.hold('o1', { name: 'new' });
    await readRecord(message('opportunities', 'o1'), kit.engine());
    const old = kit.hold('o1', { name: 'old' }, { updatedAt: '2026-10-01T00:00:00.000Z' });
    expect(old.fields.name).toBe('old');

    await readRecord(message('opportunities', 'o1'), kit.engine());

    expect((await kit.record('o1'))?.data.name).toBe('new');
  });

  it('does nothing about a 404 of what is not known', async () => {
    await readRecord(message('opportunities', 'never-was'), kit.engine());

    expect(await kit.record('never-was')).toBeUndefined();
    expect(kit.alertQueue.sent).toEqual([]);
    expect(kit.calls).toHaveLength(1);
  });

  it('marks what is gone, once another record shows that the 404 can be believed', async () => {
    for (const id of ['o1', 'o2']) {
      kit.hold(id);
      await readRecord(message('opportunities', id), kit.engine());
    }
    kit.held.delete('o1');
    await readRecord(message('opportunities', 'o1'), kit.engine());

    expect((await kit.record('o1'))?.deletedAt).toBeDefined();
    expect((await kit.record('o2'))?.deletedAt).toBeUndefined();
  });

  it('believes no 404 where nothing can be read by id any more', async () => {
    for (const id of ['o1', 'o2']) {
      kit.hold(id);
      await readRecord(message('opportunities', id), kit.engine());
    }
    kit.held.clear();
    await readRecord(message('opportunities', 'o1'), kit.engine());

    expect((await kit.record('o1'))?.deletedAt).toBeUndefined();
  });

  it('does nothing about a list that is switched off', async () => {
    kit.hold('o1');

    await readRecord(message('opportunities', 'o1'), {
      ...kit.engine(),
      settings: { ...kit.settings, enabledResources: ['bids'] },
    });

    expect(kit.calls).toEqual([]);
  });

  it('hands on that it has to wait', async () => {
    kit.hold('o1');
    kit.beforeResponse = () => {
      throw new RateLimitedError('buildingconnected', 5_000);
    };

    await expect(readRecord(message('opportunities', 'o1'), kit.engine())).rejects.toThrow(RateLimitedError);
  });

  describe('that belongs to another', () => {
    const key = { resource: 'opportunity-comments', id: 'c1', parentId: 'o1' };
    const comments = () => kit.model.listOf(requireResource('opportunity-comments'), 'company');

    beforeEach(async () => {
      kit.hold('o1');
      const createdAt = new Date(kit.nowMs).toISOString();
      comments().set('o1/c1', { id: 'c1', parentId: 'o1', createdAt, fields: { content: 'Bid this' } });
      await readRecord(message('opportunity-comments', 'c1', 'o1'), kit.engine());
    });

    it('stores it under its parent', async () => {
      expect(await kit.ports.records.get(key)).toMatchObject({
        data: { content: 'Bid this' },
        parentId: 'o1',
      });
    });

    it('keeps it while Autodesk still has it, whatever an event said', async () => {
      await readRecord(message('opportunity-comments', 'c1', 'o1'), kit.engine());

      expect((await kit.ports.records.get(key))?.deletedAt).toBeUndefined();
    });

    it("marks it once Autodesk's 404 confirms that it is gone", async () => {
      comments().delete('o1/c1');
      await readRecord(message('opportunity-comments', 'c1', 'o1'), kit.engine());

      expect((await kit.ports.records.get(key))?.deletedAt).toBeDefined();
    });

    it('does not believe a 404 of what belongs to something that we no longer see', async () => {
      kit.held.delete('o1');
      await readRecord(message('opportunity-comments', 'c1', 'o1'), kit.engine());

      expect((await kit.ports.records.get(key))?.deletedAt).toBeUndefined();
    });
  });
});
