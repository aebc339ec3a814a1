import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { LOCAL_TABLES } from '../../infra/local/engines/tables.ts';
import { AutodeskClient } from '../../shared/autodesk/client/client.ts';
import { FileTokenVault } from '../../shared/autodesk/connection/file-token-vault.ts';
import { EMPTY_LEDGER, refreshLedger } from '../../shared/autodesk/connection/refresh-ledger.ts';
import { TokenEndpoint } from '../../shared/autodesk/connection/token-endpoint.ts';
import { TokenKeeper } from '../../shared/autodesk/connection/token-keeper.ts';
import { AutodeskHttp } from '../../shared/autodesk/http/http.ts';
import { autodeskOrigin } from '../../shared/autodesk/http/origin.ts';
import { systemClock } from '../../shared/clock.ts';
import { DynamoStateItem } from '../../shared/dynamodb/state-item.ts';
import { dispositionOf } from '../../shared/errors.ts';
import { silentLog } from '../../shared/observability/log.ts';
import { noMetrics } from '../../shared/observability/metrics.ts';
import { Usage } from '../../shared/observability/usage.ts';
import { systemRandomness } from '../../shared/randomness.ts';

/** One worker process: makes `calls` calls over a connection that it shares with others, and says `done`. */
const task = z
  .object({ api: autodeskOrigin, dynamodb: z.string(), tokens: z.string(), calls: z.int() })
  .parse(JSON.parse(process.argv[2] ?? ''));

const dynamodb = new DynamoDBClient({
  endpoint: task.dynamodb,
  region: 'local',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
});
const ports = { clock: systemClock, randomness: systemRandomness, log: silentLog, metrics: noMetrics };
const http = new AutodeskHttp({ fetch: globalThis.fetch, origin: task.api, timeoutMs: 10_000 });
const tokens = new TokenKeeper({
  ...ports,
  vault: new FileTokenVault(task.tokens),
  ledger: new DynamoStateItem(
    dynamodb,
    LOCAL_TABLES.state,
    { pk: 'token', sk: 'refresh' },
    refreshLedger,
    EMPTY_LEDGER,
  ),
  endpoint: new TokenEndpoint(http, systemClock),
  credentials: async () => ({ kind: 'three-legged', clientId: 'app', clientSecret: 'secret' }),
});
const client = new AutodeskClient({
  ...ports,
  http,
  tokens,
  budget: { take: async () => {}, pause: async () => {} },
  usage: new Usage(),
});

async function makeCalls(): Promise<void> {
  for (let call = 0; call < task.calls; ) {
    try {
      await client.signedInUser();
      call += 1;
    } catch (error) {
      // As the queue does: a failure that may pass brings the same work again.
      if (dispositionOf(error) !== 'retry') throw error;
    }
  }
  process.stdout.write('done');
}

void makeCalls();
