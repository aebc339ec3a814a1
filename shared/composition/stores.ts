import { DynamoClickLog } from '../alerts/clicks/dynamo-click-log.ts';
import { DynamoFileStatusStore } from '../alerts/conditions/dynamo-file-status-store.ts';
import { DynamoJobDigestStore } from '../alerts/conditions/dynamo-job-digest-store.ts';
import { createNames } from '../alerts/conditions/names.ts';
import { DynamoIncidentStore } from '../alerts/incidents/dynamo-incident-store.ts';
import { EMPTY_WINDOW, rateWindow } from '../autodesk/budget/rate-window.ts';
import { EMPTY_LEDGER, refreshLedger } from '../autodesk/connection/refresh-ledger.ts';
import { createDynamoDbCallbackStore } from '../callbacks/dynamodb-callback-store.ts';
import { DynamoStateItem } from '../dynamodb/state-item.ts';
import { Table } from '../dynamodb/table.ts';
import { DynamoLandingStore } from '../extracts/landing/dynamo-landing-store.ts';
import { NOBODY_PUBLISHES, publishingLease } from '../lake/publishing-lease.ts';
import { Usage } from '../observability/usage.ts';
import { DynamoQuarantineStore } from '../records/dynamo-quarantine-store.ts';
import { DynamoRecordStore } from '../records/dynamo-record-store.ts';
import { HISTORY_DAYS } from '../records/purge.ts';
import { DynamoRecordScan } from '../records/scan/dynamo-record-scan.ts';
import type { ApiName } from '../resources/resource.ts';
import { DynamoPartitionStore } from '../sync/state/dynamo-partition-store.ts';
import { DynamoRunStore } from '../sync/state/dynamo-run-store.ts';
import { DynamoDeliveryLog } from '../webhooks/delivery-log.ts';
import { type HookHealth, hookHealth, NO_HOOKS } from '../webhooks/hook-health.ts';
import type { RecordsAccess, StateAccess } from './given.ts';

/** What the state table holds of the sync. What the stores use is counted in `usage`. */
export function syncStores(access: StateAccess, usage = new Usage()) {
  const { clock } = access;
  const table = stateTable(access, usage);
  const partitions = new DynamoPartitionStore(table, () => clock.now());
  return {
    partitions,
    runs: new DynamoRunStore(table, partitions),
    quarantine: new DynamoQuarantineStore(table),
    callbacks: createDynamoDbCallbackStore(table),
  };
}

/** What the state table holds of the alerts. What the stores use is counted in `usage`. */
export function alertStores(access: StateAccess, usage = new Usage()) {
  const table = stateTable(access, usage);
  return {
    incidents: new DynamoIncidentStore(table),
    fileStatuses: new DynamoFileStatusStore(table),
    jobDigests: new DynamoJobDigestStore(table),
  };
}

/** What became of the files of Data Connector's jobs. What the store uses is counted in `usage`. */
export function landingStore(access: StateAccess, usage = new Usage()) {
  return new DynamoLandingStore(stateTable(access, usage), () => access.clock.now());
}

/** The clicks in Slack that were taken. */
export function clickLog(access: StateAccess) {
  return new DynamoClickLog(stateTable(access, new Usage()));
}

/** The events of webhooks that were taken. */
export function deliveryLog(access: StateAccess) {
  return new DynamoDeliveryLog(stateTable(access, new Usage()));
}

/** What is known of the hooks at Autodesk. */
export function hookHealthItem({ dynamodb, tables }: StateAccess) {
  const key = { pk: 'webhooks', sk: 'health' };
  return new DynamoStateItem<HookHealth>(dynamodb, tables.state, key, hookHealth, NO_HOOKS);
}

/** What the records table holds. What the stores use is counted in `usage`. */
export function recordStores(access: RecordsAccess, usage = new Usage()) {
  const { dynamodb, tables, clock, historyDays = HISTORY_DAYS } = access;
  const table = new Table({ client: dynamodb, tableName: tables.records, clock, usage });
  const records = new DynamoRecordStore(table, { historyDays });
  return { records, namesOf: createNames(records) };
}

/** The records table as a whole, list by list. */
export function recordScan({ dynamodb, tables, clock }: RecordsAccess) {
  const table = new Table({ client: dynamodb, tableName: tables.records, clock, usage: new Usage() });
  return new DynamoRecordScan(table);
}

/** Where those who publish agree on who does. */
export function publishingLeaseOf({ dynamodb, tables }: StateAccess) {
  const key = { pk: 'publishing', sk: 'lease' };
  return new DynamoStateItem(dynamodb, tables.state, key, publishingLease, NOBODY_PUBLISHES);
}

/** Where workers agree on who refreshes the connection. */
export function connectionLedger(access: StateAccess) {
  return ledgerAt('token', access);
}

/** Where workers and commands agree on who refreshes the management sign-in. */
export function managementLedger(access: StateAccess) {
  return ledgerAt('management-token', access);
}

function ledgerAt(pk: string, { dynamodb, tables }: StateAccess) {
  return new DynamoStateItem(dynamodb, tables.state, { pk, sk: 'refresh' }, refreshLedger, EMPTY_LEDGER);
}

/** The rate windows that all workers share, one for each API. */
export function rateWindows({ dynamodb, tables }: StateAccess) {
  const windowOf = (api: ApiName) =>
    new DynamoStateItem(
      dynamodb,
      tables.state,
      { pk: `budget#${api}`, sk: 'budget' },
      rateWindow,
      EMPTY_WINDOW,
    );
  return { buildingconnected: windowOf('buildingconnected'), 'data-connector': windowOf('data-connector') };
}

function stateTable({ dynamodb, tables, clock }: StateAccess, usage: Usage): Table {
  return new Table({ client: dynamodb, tableName: tables.state, clock, usage });
}
