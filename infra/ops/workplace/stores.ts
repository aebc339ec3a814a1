import { DynamoFileStatusStore } from '../../../shared/alerts/conditions/dynamo-file-status-store.ts';
import { DynamoIncidentStore } from '../../../shared/alerts/incidents/dynamo-incident-store.ts';
import { EMPTY_LEDGER, refreshLedger } from '../../../shared/autodesk/connection/refresh-ledger.ts';
import { createDynamoDbCallbackStore } from '../../../shared/callbacks/dynamodb-callback-store.ts';
import { systemClock } from '../../../shared/clock.ts';
import { DynamoStateItem } from '../../../shared/dynamodb/state-item.ts';
import { Table } from '../../../shared/dynamodb/table.ts';
import { silentLog } from '../../../shared/observability/log.ts';
import { noMetrics } from '../../../shared/observability/metrics.ts';
import { Usage } from '../../../shared/observability/usage.ts';
import { createSqsAlertQueue, createSqsFetchQueue } from '../../../shared/queue/sqs-queues.ts';
import { systemRandomness } from '../../../shared/randomness.ts';
import { DynamoQuarantineStore } from '../../../shared/records/dynamo-quarantine-store.ts';
import { DynamoRecordStore } from '../../../shared/records/dynamo-record-store.ts';
import { DynamoPartitionStore } from '../../../shared/sync/state/dynamo-partition-store.ts';
import { DynamoRunStore } from '../../../shared/sync/state/dynamo-run-store.ts';
import { DEFAULT_SETTINGS } from '../../../shared/sync/state/sync-ports.ts';
import type { Workplace } from './workplace.ts';

/** The stores and queues of a workplace, as the functions see them. */
export type Stores = ReturnType<typeof storesOf>;

export function storesOf(workplace: Workplace) {
  const { dynamodb, sqs, tables, queues } = workplace;
  const state = tableOf(workplace, 'state');
  const partitions = new DynamoPartitionStore(state, () => systemClock.now());
  return {
    records: new DynamoRecordStore(tableOf(workplace, 'records')),
    quarantine: new DynamoQuarantineStore(state),
    incidents: new DynamoIncidentStore(state),
    fileStatuses: new DynamoFileStatusStore(state),
    refreshLedger: new DynamoStateItem(
      dynamodb,
      tables.state,
      { pk: 'token', sk: 'refresh' },
      refreshLedger,
      EMPTY_LEDGER,
    ),
    callbacks: createDynamoDbCallbackStore(state),
    runs: new DynamoRunStore(state, partitions),
    partitions,
    fetchQueue: createSqsFetchQueue(sqs, queues.fetch),
    alertQueue: createSqsAlertQueue(sqs, queues.alert, systemRandomness),
    clock: systemClock,
    randomness: systemRandomness,
    log: silentLog,
    metrics: noMetrics,
    settings: DEFAULT_SETTINGS,
  };
}

function tableOf({ dynamodb, tables }: Workplace, name: keyof Workplace['tables']): Table {
  return new Table({ client: dynamodb, tableName: tables[name], clock: systemClock, usage: new Usage() });
}
