import type { AutodeskApi } from '../../shared/autodesk/client/api.ts';
import { isoTime } from '../../shared/clock.ts';
import { reportFailure } from '../../shared/errors.ts';
import { type LandingPorts, landExtract } from '../../shared/extracts/landing/land-extract.ts';
import { keptUntil, type LandingStore } from '../../shared/extracts/landing/landing.ts';
import { lookAtJobs } from '../../shared/extracts/landing/request-landing.ts';
import type { ExtractId } from '../../shared/extracts/manifest.ts';
import type { RunMessage } from '../../shared/queue/messages.ts';
import { dataConnectorJobs } from '../../shared/resources/data-connector.ts';
import type { SyncPorts } from '../../shared/sync/state/sync-ports.ts';

/** What landing needs beyond the engine; `autodesk` is asked for the newest jobs. */
export interface ExtractsPorts extends LandingPorts {
  autodesk: Pick<AutodeskApi, 'list'>;
}

/** After work on a run of jobs: lands what the run has found. The next run makes up for a look that failed. */
export async function lookAfterRun(
  { resource, scope }: RunMessage,
  engine: SyncPorts,
  extracts: ExtractsPorts | undefined,
): Promise<void> {
  if (extracts === undefined || resource !== dataConnectorJobs.name) return;
  const { lastRun } = await engine.runs.read(resource, scope);
  try {
    await lookAtJobs(scope, lastRun?.id, extracts);
  } catch (error) {
    engine.log.warn('jobs not looked at', { accountId: scope, ...reportFailure(error) });
  }
}

/** Lands the files of a job; where landing was switched off since the message was sent, its landing is closed. */
export async function serveLanding(
  extract: ExtractId,
  engine: SyncPorts,
  landings: LandingStore,
  extracts: ExtractsPorts | undefined,
): Promise<void> {
  if (extracts !== undefined) return landExtract(extract, extracts);
  const open = (await landings.open(extract.accountId)).find(({ jobId }) => jobId === extract.jobId);
  if (open === undefined) return;
  const { accountId, requestId, jobId, endedAt, files, rev } = open;
  const now = engine.clock.now();
  const reason = 'Landing is switched off.';
  await landings.end(
    {
      ...{ accountId, requestId, jobId, endedAt, files, reason },
      ...{ outcome: 'nothing', at: isoTime(now), keptUntil: keptUntil(now, 1), refused: [] },
    },
    rev,
  );
}
