import type { AutodeskApi } from '../../shared/autodesk/client/api.ts';
import type { AlertQueue, FetchQueue } from '../../shared/queue/messages.ts';
import type { QuarantineStore } from '../../shared/records/quarantine.ts';
import type { RecordStore } from '../../shared/records/record-store.ts';
import type { PartitionStore, RunStore } from '../../shared/sync/state/stores.ts';
import type { Process } from './processes.ts';

/** Everything outside a process that the engine talks to. */
export interface OuterPorts {
  api: AutodeskApi;
  records: RecordStore;
  quarantine: QuarantineStore;
  runs: RunStore;
  partitions: PartitionStore;
  fetchQueue: FetchQueue;
  alertQueue: AlertQueue;
}

export type PortName = keyof OuterPorts;

/** A port with some of its members replaced. */
export function altered<Port extends object>(port: Port, changes: Partial<Port>): Port {
  return new Proxy(port, {
    get(target, property) {
      const changed: unknown = Reflect.get(changes, property);
      if (changed !== undefined) return changed;
      const member: unknown = Reflect.get(target, property);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}

/** What an await of a port costs a process: its turn, and perhaps an error or its life. */
export interface Fates {
  call<Result>(process: Process, port: PortName, effect: () => Promise<Result>): Promise<Result>;
  stream<Value>(process: Process, port: PortName, values: AsyncIterable<Value>): AsyncIterable<Value>;
}

/** The ports as one process has them: every await may fail, last long, or never come back. */
export function mortalPorts(ports: OuterPorts, process: Process, fates: Fates): OuterPorts {
  const mortal = <Port extends object>(name: PortName, port: Port): Port =>
    new Proxy(port, {
      get(target, property) {
        const member: unknown = Reflect.get(target, property);
        if (typeof member !== 'function') return member;
        return (...parameters: unknown[]) => {
          const begin = () => Reflect.apply(member, target, parameters);
          if (STREAMS.has(String(property))) return fates.stream(process, name, begin());
          return fates.call(process, name, begin);
        };
      },
    });
  return {
    api: mortal('api', ports.api),
    records: mortal('records', ports.records),
    quarantine: mortal('quarantine', ports.quarantine),
    runs: mortal('runs', ports.runs),
    partitions: mortal('partitions', ports.partitions),
    fetchQueue: mortal('fetchQueue', ports.fetchQueue),
    alertQueue: mortal('alertQueue', ports.alertQueue),
  };
}

const STREAMS = new Set(['liveKeys', 'attention', 'all', 'elements', 'deletedBefore', 'seen']);
