import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { LOCAL_TABLES } from '../../../infra/local/engines/tables.ts';
import { knownCredentials } from '../../../shared/autodesk/connection/credentials.ts';
import { FileTokenVault } from '../../../shared/autodesk/connection/file-token-vault.ts';
import { autodeskOrigin } from '../../../shared/autodesk/http/origin.ts';
import { systemClock } from '../../../shared/clock.ts';
import { connectAutodesk } from '../../../shared/composition/autodesk.ts';
import { dispositionOf } from '../../../shared/errors.ts';
import { silentLog } from '../../../shared/observability/log.ts';
import { noMetrics } from '../../../shared/observability/metrics.ts';
import { Usage } from '../../../shared/observability/usage.ts';
import { systemRandomness } from '../../../shared/randomness.ts';

/** One worker process: makes `calls` calls over a connection that it shares with others, and says `done`. */
const task = z
  .object({ api: autodeskOrigin, dynamodb: z.string(), tokens: z.string(), calls: z.int() })
  .parse(JSON.parse(process.argv[2] ?? ''));

const autodesk = connectAutodesk({
  clock: systemClock,
  randomness: systemRandomness,
  log: silentLog,
  metrics: noMetrics,
  dynamodb: new DynamoDBClient({
    endpoint: task.dynamodb,
    region: 'local',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  }),
  tables: LOCAL_TABLES,
  origin: task.api,
  credentials: knownCredentials({ kind: 'three-legged', clientId: 'app', clientSecret: 'secret' }),
  tokenVault: new FileTokenVault(task.tokens),
  treatment: { policy: {}, secret: () => Promise.reject(new Error('Nothing is hashed.')) },
  requestsPerMinute: { buildingconnected: 10_000, 'data-connector': 10_000 },
});
const client = autodesk.clientFor(new Usage());

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
