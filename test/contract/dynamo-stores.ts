import { landingStore, recordScan, recordStores, syncStores } from '../../shared/composition/stores.ts';
import { Usage } from '../../shared/observability/usage.ts';
import type { newTables } from '../support/embedded-tables.ts';
import type { Stores } from './stores.ts';

/** The DynamoDB stores over new tables; what they consume is counted in `usage`. */
export async function createDynamoStores(
  tables: ReturnType<typeof newTables>,
  usage = new Usage(),
): Promise<Stores> {
  const access = await tables;
  return {
    ...syncStores(access, usage),
    ...recordStores(access, usage),
    scan: recordScan(access),
    landings: landingStore(access, usage),
  };
}
