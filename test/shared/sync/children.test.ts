import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../shared/json.ts';
import { requireResource } from '../../../shared/resources/registry.ts';
import { requestRun } from '../../../shared/sync/runs/request-run.ts';
import type { HeldRecord } from '../../support/sync/model-autodesk.ts';
import { EngineKit } from '../../support/sync/sync-kit.ts';

const DAY_MS = 24 * 60 * 60_000;
const MINUTE_MS = 60_000;

/** A list with parents, beside the list of these; a run of the parents is followed by one of the children. */
class Family {
  readonly kit: EngineKit;
  readonly parents: string;
  readonly children: string;
  readonly #heldParents: Map<string, HeldRecord>;
  readonly #heldChildren: Map<string, HeldRecord>;

  constructor(children: string) {
    const resource = requireResource(children);
    this.children = children;
    this.parents = resource.parent?.name ?? '';
    this.kit = new EngineKit({
      resource: this.parents,
      settings: { enabledResources: [this.parents, children] },
    });
    this.#heldParents = this.kit.held;
    this.#heldChildren = this.kit.model.listOf(resource, 'company');
  }

  holdParent(id: string): void {
    this.kit.hold(id);
  }

  deleteParent(id: string): void {
    this.#heldParents.delete(id);
  }

  hold(parentId: string, id: string, fields: JsonObject = {}): void {
    const createdAt = new Date(this.kit.nowMs).toISOString();
    this.#heldChildren.set(`${parentId}/${id}`, { id, parentId, createdAt, fields });
  }

  delete(parentId: string, id: string): void {
    this.#heldChildren.delete(`${parentId}/${id}`);
  }

  /** A run of the parents, and what follows it; answers how the run of the children ended. */
  async run(mode: 'full' | 'incremental' = 'incremental') {
    await this.kit.request({ mode });
    await this.kit.drain();
    await this.kit.settle(this.children);
    return (await this.kit.ports.runs.read(this.children, 'company')).lastRun;
  }

  /** A run of the children that somebody asks for by hand. */
  async runChildren(): Promise<void> {
    await requestRun({ resource: this.children, scope: 'company', mode: 'incremental' }, this.kit.engine());
    await this.kit.settle(this.children);
  }

  /** The children that are stored and not deleted, by parent. */
  async stored(): Promise<string[]> {
    const found: string[] = [];
    for await (const { parentId, id } of this.kit.ports.records.all(this.children, 'company')) {
      found.push(`${parentId}/${id}`);
    }
    return found.sort();
  }

  get held(): string[] {
    return [...this.#heldChildren.values()].map(({ parentId, id }) => `${parentId}/${id}`).sort();
  }

  /** The parents of every request for children, request by request. */
  get asked(): (readonly string[])[] {
    return this.kit.calls.flatMap((call) =>
      call.kind === 'list' && call.request.resource.name === this.children
        ? [call.request.parents ?? []]
        : [],
    );
  }
}

describe.each(['opportunity-comments', 'bid-package-activities', 'bid-package-highlights', 'invite-notes'])(
  'the list %s, which exists for each of its parents',
  (name) => {
    it('is read whole after a full run of them, and of those that changed after any other', async () => {
      const family = new Family(name);
      for (let index = 0; index < 12; index += 1) family.holdParent(`p${index}`);
      family.hold('p1', 'a');
      family.hold('p1', 'b');
      family.hold('p7', 'c', { text: 'as it was' });
      family.kit.nowMs += DAY_MS;

      expect(await family.run()).toMatchObject({
        mode: 'full',
        status: 'complete',
        totals: { counts: { created: 3 } },
      });
      expect(await family.stored()).toEqual(family.held);
      expect(new Set(family.asked.flat()).size).toBe(12);

      family.kit.nowMs += DAY_MS;
      family.kit.calls.length = 0;
      family.holdParent('p1');
      family.delete('p1', 'a');
      family.hold('p1', 'd');
      family.hold('p7', 'c', { text: 'changed' });
      expect(await family.run()).toMatchObject({
        mode: 'incremental',
        totals: { counts: { created: 1, unchanged: 1, deleted: 1 } },
      });
      expect(family.asked).toEqual([['p1']]);
      expect(await family.stored()).toEqual(family.held);

      expect(await family.run('full')).toMatchObject({ mode: 'full', totals: { counts: { updated: 1 } } });
      expect(
        (await family.kit.ports.records.get({ resource: name, parentId: 'p7', id: 'c' }))?.data,
      ).toMatchObject({
        text: 'changed',
      });
    });

    it('goes with its parents, and comes back with them', async () => {
      const family = new Family(name);
      for (let index = 0; index < 12; index += 1) family.holdParent(`p${index}`);
      family.hold('p1', 'a');
      family.hold('p2', 'b');
      family.kit.nowMs += DAY_MS;
      await family.run();
      family.kit.nowMs += DAY_MS;
      family.deleteParent('p1');

      expect(await family.run('full')).toMatchObject({
        status: 'complete',
        totals: { counts: { deleted: 1 } },
      });
      expect(await family.stored()).toEqual(['p2/b']);

      family.kit.nowMs += DAY_MS;
      family.holdParent('p1');
      expect(await family.run()).toMatchObject({ totals: { counts: { created: 1 } } });
      expect(await family.stored()).toEqual(['p1/a', 'p2/b']);
    });

    it('is stored and judged by parent, however many pages it has and however often a worker hands over', async () => {
      const family = new Family(name);
      family.holdParent('p1');
      family.holdParent('p2');
      const ids = Array.from({ length: 450 }, (_, index) => `c${String(index).padStart(3, '0')}`);
      for (const id of ids) family.hold('p1', id);
      family.hold('p2', 'c000');
      family.kit.nowMs += DAY_MS;
      family.kit.timeLeftMs = () => 10_000;

      expect(await family.run()).toMatchObject({
        status: 'complete',
        totals: { counts: { created: 451, fetched: 451 } },
      });
      expect(await family.stored()).toEqual(family.held);

      family.kit.nowMs += DAY_MS;
      for (const id of ids.slice(0, 250)) family.delete('p1', id);
      expect(await family.run('full')).toMatchObject({
        totals: { counts: { deleted: 250, unchanged: 201 } },
      });
      expect(await family.stored()).toEqual(family.held);

      family.kit.nowMs += DAY_MS;
      for (const id of ['p1', 'p2']) family.holdParent(id);
      for (const id of ids.slice(0, 100)) family.hold('p1', id);
      // One worker hands over inside the first parent's list; the next has time for everything that is left.
      let looks = 0;
      family.kit.timeLeftMs = () => {
        looks += 1;
        return looks === 1 ? 10_000 : DAY_MS;
      };
      expect(await family.run()).toMatchObject({ totals: { counts: { created: 100, deleted: 0 } } });
      expect(await family.stored()).toEqual(family.held);
    });
  },
);

/** One whose first runs are over, and in which a comment has come since. */
async function familyWithNews(): Promise<Family> {
  const family = new Family('opportunity-comments');
  family.holdParent('p1');
  family.kit.nowMs += DAY_MS;
  await family.run();
  family.kit.nowMs += DAY_MS;
  family.holdParent('p1');
  family.hold('p1', 'a');
  return family;
}

describe('a list with parents', () => {
  it('is not touched where it is not among the lists that are mirrored', async () => {
    const kit = new EngineKit({
      resource: 'opportunities',
      settings: { enabledResources: ['opportunities'] },
    });
    kit.hold('o1');
    await kit.run();

    expect(kit.fetchQueue.waiting).toEqual([]);
    expect(await kit.ports.runs.read('opportunity-comments', 'company')).not.toHaveProperty('activeRun');
  });

  it('asks by filter for as many parents as one request takes', async () => {
    const family = new Family('bid-package-activities');
    for (let index = 0; index < 450; index += 1) family.holdParent(`p${index}`);
    family.kit.nowMs += DAY_MS;
    await family.run();

    expect(family.asked.every((parents) => parents.length <= 50)).toBe(true);
    // In a full run each shard has a batch that is not full.
    expect(family.asked.length).toBeLessThanOrEqual(450 / 50 + 8);
  });

  it('puts aside a row that belongs to none of the records that were asked for', async () => {
    const family = new Family('bid-package-activities');
    family.holdParent('p1');
    family.hold('p1', 'a', { bidPackageId: 'somebody-else' });
    family.kit.nowMs += DAY_MS;

    expect(await family.run()).toMatchObject({ status: 'complete', totals: { counts: { quarantined: 1 } } });
    expect(await family.kit.ports.quarantine.list('bid-package-activities', 'company')).toMatchObject([
      { reason: 'NO_PARENT' },
    ]);
  });

  it('puts a row aside whose id no store could take, and goes on with the list', async () => {
    const family = new Family('opportunity-comments');
    family.kit.model.options.pageSize = () => 2;
    family.holdParent('p1');
    for (const id of ['a', 'b', 'x'.repeat(500_000), 'y', 'z']) family.hold('p1', id);
    family.kit.nowMs += DAY_MS;

    expect(await family.run()).toMatchObject({ status: 'complete', totals: { counts: { quarantined: 1 } } });
    expect(await family.stored()).toEqual(['p1/a', 'p1/b', 'p1/y', 'p1/z']);
  });

  it('skips a parent that vanishes while its list is read, and judges it later', async () => {
    const family = new Family('opportunity-comments');
    for (let index = 0; index < 12; index += 1) family.holdParent(`p${index}`);
    family.hold('p3', 'a');
    family.kit.nowMs += DAY_MS;
    await family.run();
    family.kit.nowMs += DAY_MS;
    family.kit.beforeResponse = (call) => {
      if (call.kind === 'list' && call.request.parents?.[0] === 'p3') family.deleteParent('p3');
    };

    expect(await family.run('full')).toMatchObject({ status: 'complete' });
    family.kit.nowMs += DAY_MS;
    await family.run('full');
    expect(await family.stored()).toEqual([]);
  });

  it('fails alone where it is refused, and the list of its parents does not', async () => {
    const family = new Family('project-costs');
    family.holdParent('p1');
    family.kit.model.refuse = (resource) => resource.name === 'project-costs';
    family.kit.nowMs += DAY_MS;

    expect(await family.run()).toMatchObject({ status: 'failed', error: { code: 'FORBIDDEN' } });
    expect((await family.kit.state()).lastRun?.status).toBe('complete');
  });

  it('is read again from where its last complete run came to, after a run that was asked for was lost', async () => {
    const family = await familyWithNews();
    family.kit.nowMs += 40 * MINUTE_MS;
    // The process that ends the run of the parents dies before it asks for one of the children.
    family.kit.settings.enabledResources = [];
    await family.run();
    family.kit.settings.enabledResources = [family.parents, family.children];
    family.kit.nowMs += 90 * MINUTE_MS;

    await family.run();
    expect(await family.stored()).toEqual(['p1/a']);
  });

  it('is not taken for up to date when it was read while its parents were behind', async () => {
    const family = await familyWithNews();
    family.kit.nowMs += 90 * MINUTE_MS;
    await family.runChildren();
    expect(await family.stored()).toEqual([]);

    family.kit.nowMs += MINUTE_MS;
    await family.run();
    expect(await family.stored()).toEqual(['p1/a']);
  });

  it('keeps a row whose list Autodesk cuts after a page whole', async () => {
    const family = new Family('bid-package-notes');
    family.holdParent('p1');
    const notes = Array.from({ length: 130 }, (_, index) => ({ id: `n${index}` }));
    const bids = family.kit.model.listOf(requireResource('bids'), 'company');
    bids.set('b1', {
      id: 'b1',
      createdAt: '2026-11-01T00:00:00.000Z',
      fields: {},
      lists: { 'bid-package-notes': notes },
    });
    family.hold('p1', 'b1', {
      notes: { pagination: { cursorState: 'item:100' }, results: notes.slice(0, 100) },
    });
    family.kit.nowMs += DAY_MS;
    await family.run();

    const stored = await family.kit.ports.records.get({
      resource: 'bid-package-notes',
      parentId: 'p1',
      id: 'b1',
    });
    expect(stored?.data.notes).toEqual({ results: notes });
  });
});
