import type { EndedLanding, OpenLanding } from '../../../../shared/extracts/landing/landing.ts';
import { storesOf } from '../../targets/stores.ts';
import type { Target } from '../../targets/target.ts';

/** A job whose files were landed, are being landed, or were not. */
export type ListedExtract = ReturnType<typeof ended> | ReturnType<typeof open>;

/** Of every account of a target, the job that ended last first. */
export async function listExtracts(target: Target): Promise<ListedExtract[]> {
  const { landings } = storesOf(target);
  const ofAccounts = await Promise.all(
    target.accountIds.map(async (accountId) => [
      ...(await landings.open(accountId)).map(open),
      ...(await landings.ended(accountId)).map(ended),
    ]),
  );
  return ofAccounts.flat().sort((a, b) => b.endedAt.localeCompare(a.endedAt));
}

function ended({ accountId, requestId, jobId, endedAt, at, outcome, reason, files, refused }: EndedLanding) {
  return {
    ...{ accountId, requestId, jobId, endedAt, state: outcome, landedAt: outcome === 'landed' ? at : null },
    ...{ files, bytes: bytesOf(files), refused, reason: reason ?? null },
  };
}

function open({ accountId, requestId, jobId, endedAt, files, error }: OpenLanding) {
  const state = error === undefined ? ('waiting' as const) : ('failing' as const);
  const reason = error === undefined ? null : `${error.message} ${error.remedy}`;
  return {
    ...{ accountId, requestId, jobId, endedAt, state, landedAt: null },
    ...{ files, bytes: bytesOf(files), refused: [], reason },
  };
}

function bytesOf(files: readonly { size: number }[]): number {
  return files.reduce((sum, { size }) => sum + size, 0);
}
