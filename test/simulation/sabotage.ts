import type { AutodeskApi, ListRequest, Page } from '../../shared/autodesk/client/api.ts';
import { isJsonObject, type Json } from '../../shared/json.ts';
import type { RecordHead } from '../../shared/records/record.ts';
import { comesAfter, keyText, type RecordVersion } from '../../shared/records/record-store.ts';
import { findResource } from '../../shared/resources/registry.ts';
import type { ScopeState } from '../../shared/sync/state/run.ts';
import { altered, type OuterPorts } from './ports.ts';
import type { Sabotage, World } from './world.ts';

/** The pages of lists with something done to them. */
function alteredPages(
  change: (page: Page, request: ListRequest, world: World) => Page,
): NonNullable<Sabotage['apply']> {
  return (ports, _process, world) => ({
    ...ports,
    api: altered(ports.api, {
      list: async (request) => change(await ports.api.list(request), request, world),
    }),
  });
}

/** The versions to be stored with something done to them. */
function alteredVersions(change: (version: RecordVersion) => RecordVersion): NonNullable<Sabotage['apply']> {
  return (ports) => ({
    ...ports,
    records: altered(ports.records, {
      create: (version) => ports.records.create(change(version)),
      put: (version) => ports.records.put(change(version)),
    }),
  });
}

/** Every bug here was seen to be caught; docs/simulation.md says by which invariant. */
export const SABOTAGES: readonly Sabotage[] = [
  {
    name: 'a checkpoint is stored before the records of its page',
    apply: (ports, process, world) => {
      let late: RecordVersion[] = [];
      const hold = async (version: RecordVersion) => {
        late.push(version);
        return 'stored' as const;
      };
      return {
        ...ports,
        records: altered(ports.records, { create: hold, put: hold }),
        partitions: altered(ports.partitions, {
          save: async (partition) => {
            await ports.partitions.save(partition);
            const versions = late;
            late = [];
            for (const version of versions) {
              await world.danger(process);
              await ports.records.put(version);
            }
          },
        }),
      };
    },
  },
  {
    name: 'the watermark moves although the run failed',
    apply: (ports) => ({
      ...ports,
      runs: altered(ports.runs, {
        update: (resource, scope, decide) =>
          ports.runs.update(resource, scope, (state) => {
            const next = decide(state);
            const ended = next?.lastRun?.id !== state.lastRun?.id ? next?.lastRun : undefined;
            return next && ended?.status === 'failed' ? { ...next, watermark: ended.startedAt } : next;
          }),
      }),
    }),
  },
  {
    name: 'the watermark is the end of the run',
    apply: (ports) => ({
      ...ports,
      runs: altered(ports.runs, {
        update: (resource, scope, decide) =>
          ports.runs.update(resource, scope, (state) => {
            const next = decide(state);
            if (next?.lastRun === undefined || next.watermark === state.watermark) return next;
            return { ...next, watermark: next.lastRun.finishedAt };
          }),
      }),
    }),
  },
  { name: 'incremental windows do not overlap', settings: { overlapMs: 0 } },
  {
    name: 'a save does not look at the fence',
    apply: (ports) => ({
      ...ports,
      partitions: altered(ports.partitions, {
        save: async (partition) => {
          const stored = await ports.partitions.ofRun(partition.runId);
          const fence = stored.find(({ id }) => id === partition.id)?.fence ?? partition.fence;
          await ports.partitions.save({ ...partition, fence });
        },
      }),
    }),
  },
  {
    name: 'older overwrites newer',
    apply: (ports, _process, world) => {
      const overwrite = async (version: RecordVersion) => {
        world.records.overwrite(version);
        return 'stored' as const;
      };
      return { ...ports, records: altered(ports.records, { create: overwrite, put: overwrite }) };
    },
  },
  {
    name: 'records are compared by eventually consistent reads',
    apply: (ports, _process, world) => ({
      ...ports,
      records: altered(ports.records, {
        heads: async (keys) => {
          const now = await ports.records.heads(keys);
          const before = oldHeads.get(world) ?? new Map<string, RecordHead>();
          const refreshed = world.dice.happens(0.2) ? [...before, ...now] : [...now, ...before];
          oldHeads.set(world, new Map(refreshed));
          return new Map(
            keys.flatMap((key) => {
              const head = before.get(keyText(key)) ?? now.get(keyText(key));
              return head === undefined ? [] : [[keyText(key), head] as const];
            }),
          );
        },
      }),
    }),
  },
  {
    name: 'a trigger is lost when it comes while a run ends',
    apply: (ports) => ({
      ...ports,
      runs: altered(ports.runs, {
        update: async (resource, scope, decide) => {
          const read = await ports.runs.read(resource, scope);
          await new Promise((resolve) => setImmediate(resolve));
          const next: ScopeState | undefined = decide(read);
          return next === undefined ? read : ports.runs.update(resource, scope, () => next);
        },
      }),
    }),
  },
  {
    name: 'a record that a sweep missed is deleted without a look by its id',
    apply: (ports, _process, world) => ({ ...ports, api: believingSweeps(ports, world) }),
  },
  {
    name: 'deletions are judged without a catch-up, by the sweep alone',
    apply: (ports, _process, world) => ({
      ...ports,
      api: believingSweeps(ports, world),
      partitions: altered(ports.partitions, {
        create: (partition) =>
          ports.partitions.create(
            partition.phase === 'catch-up' ? { ...partition, state: 'done' } : partition,
          ),
      }),
    }),
  },
  {
    name: 'records that need attention are not read again',
    apply: (ports) => ({ ...ports, records: altered(ports.records, { attention: async function* () {} }) }),
  },
  {
    name: 'a window leaves out its lower end',
    apply: alteredPages((page, request) => {
      const from = request.window?.from;
      const inside = (record: Json) => !isJsonObject(record) || record.updatedAt !== from;
      return { ...page, records: from === undefined ? page.records : page.records.filter(inside) };
    }),
  },
  {
    name: 'a walk that ended early is believed without its proof',
    apply: (ports) => ({
      ...ports,
      partitions: altered(ports.partitions, {
        save: (partition) => {
          const { handedOver: _, ...checkpoint } = partition.checkpoint;
          return ports.partitions.save({ ...partition, checkpoint });
        },
      }),
    }),
  },
  {
    name: 'seen ids are lost',
    apply: (ports) => ({
      ...ports,
      partitions: altered(ports.partitions, { addSeen: async () => {} }),
    }),
  },
  {
    name: 'elements that left their list stay',
    apply: (ports) => ({
      ...ports,
      records: altered(ports.records, {
        markDeleted: async (key, readAt) =>
          key.parentId === undefined ? ports.records.markDeleted(key, readAt) : 'stored',
      }),
    }),
  },
  {
    name: 'a failed request counts as the end of the list',
    apply: alteredPages((page, _request, world) =>
      page.next === undefined || !world.dice.happens(world.plan.errors) ? page : withoutNext(page),
    ),
  },
  {
    name: 'a message is acknowledged before its effects are stored',
    apply: (ports, process, world) => ({
      ...ports,
      partitions: altered(ports.partitions, {
        save: async (partition) => {
          process.effects += 1;
          void world.processes
            .pass(process)
            .then(() => ports.partitions.save(partition))
            .catch(() => {})
            .finally(() => {
              process.effects -= 1;
            });
        },
      }),
    }),
  },
  {
    name: 'nothing resumes what stalled',
    apply: (ports) => ({
      ...ports,
      partitions: altered(ports.partitions, {
        acquire: async (runId, partitionId, owner, nowMs) => {
          const stored = (await ports.partitions.ofRun(runId)).find(({ id }) => id === partitionId);
          return stored?.lease === undefined
            ? ports.partitions.acquire(runId, partitionId, owner, nowMs)
            : undefined;
        },
      }),
    }),
  },
  {
    name: 'a row that says of itself that it is gone is stored as a living one',
    apply: alteredVersions(({ deletedAt: _gone, ...version }) => version),
  },
  {
    name: 'only the first of the lists in a record is read to its end',
    apply: (ports) => ({
      ...ports,
      api: altered(ports.api, {
        nested: async (request) => {
          const page = await ports.api.nested(request);
          const isFirst = request.resource.nested?.[0]?.name === request.list.name;
          return isFirst ? page : withoutNext(page);
        },
      }),
    }),
  },
  {
    name: 'elements without an id are all the same one',
    apply: alteredVersions((version) => (version.data.id === null ? { ...version, id: 'no-id' } : version)),
  },
  {
    name: 'a list that is read whole by every run is taken for one of changes',
    apply: (ports) => ({
      ...ports,
      runs: altered(ports.runs, {
        update: (resource, scope, decide) =>
          ports.runs.update(resource, scope, (state) => {
            const next = decide(state);
            const isWhole = findResource(resource)?.changes.kind === 'none' && next?.watermark !== undefined;
            return isWhole && next.activeRun
              ? { ...next, activeRun: { ...next.activeRun, mode: 'incremental' } }
              : next;
          }),
      }),
    }),
  },
  {
    name: 'the list of a parent ends with its first page',
    apply: alteredPages((page, request) => (request.parents === undefined ? page : withoutNext(page))),
  },
  {
    name: 'the list of a parent that cannot be read counts as empty',
    apply: alteredPages((page, request, world) => {
      const isLost = request.parents !== undefined && world.dice.happens(world.plan.errors);
      return isLost ? { records: [], readAt: page.readAt } : page;
    }),
  },
  {
    name: 'what was read of a long list is forgotten when another worker goes on with it',
    apply: (ports) => ({
      ...ports,
      partitions: altered(ports.partitions, { keptParts: async () => [] }),
    }),
  },
  {
    name: 'nothing looks for records whose parent is gone',
    apply: (ports) => ({
      ...ports,
      records: altered(ports.records, {
        liveKeys: (resource, scope, only) =>
          findResource(resource)?.parent === undefined
            ? ports.records.liveKeys(resource, scope, only)
            : none(),
      }),
    }),
  },
  { name: 'a run of the parents is not followed by one of their lists', settings: { enabledResources: [] } },
  {
    name: 'a version is kept after it was replaced',
    apply: (ports, process, world) => ({
      ...ports,
      records: altered(ports.records, {
        put: async (version) => {
          const stored = await ports.records.get(version);
          if (!comesAfter(version, stored)) return 'superseded';
          world.records.overwrite(version);
          await world.danger(process);
          if (stored !== undefined) world.records.keep(stored, version.readAt);
          return 'stored';
        },
      }),
    }),
  },
  {
    name: 'a replacement does not demand the version that it has kept',
    apply: (ports, process, world) => ({
      ...ports,
      records: altered(ports.records, {
        put: async (version) => {
          const stored = await ports.records.get(version);
          if (stored !== undefined) world.records.keep(stored, version.readAt);
          for (let turn = 0; turn < 10; turn += 1) await world.processes.pass(process);
          if (!comesAfter(version, world.records.headNow(version))) return 'superseded';
          world.records.overwrite(version);
          return 'stored';
        },
      }),
    }),
  },
];

function withoutNext({ next: _lost, ...page }: Page): Page {
  return page;
}

async function* none(): AsyncIterable<never> {}

/** A reading by id, in a reconcile, of an API that answers by the sweep: gone is what no list has shown in this run. */
function believingSweeps(ports: OuterPorts, world: World): AutodeskApi {
  const listed = lastListed.get(world) ?? new Map<string, string>();
  lastListed.set(world, listed);
  return altered(ports.api, {
    list: async (request) => {
      const page = await ports.api.list(request);
      for (const record of page.records) {
        if (isJsonObject(record) && typeof record.id === 'string') listed.set(record.id, page.readAt);
      }
      return page;
    },
    read: async (resource, scope, id) => {
      const reading = await ports.api.read(resource, scope, id);
      const { activeRun } = await ports.runs.read(resource.name, scope);
      const isMissing = activeRun?.phase === 'reconcile' && (listed.get(id) ?? '') < activeRun.startedAt;
      return isMissing ? { kind: 'absent', readAt: reading.readAt } : reading;
    },
  });
}

const lastListed = new WeakMap<World, Map<string, string>>();
const oldHeads = new WeakMap<World, Map<string, RecordHead>>();
