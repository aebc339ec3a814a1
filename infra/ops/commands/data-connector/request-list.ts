import * as z from 'zod';
import type { AutodeskApi, PagePosition } from '../../../../shared/autodesk/client/api.ts';
import type { Json } from '../../../../shared/json.ts';
import { dataConnectorJobs, dataConnectorRequests } from '../../../../shared/resources/data-connector.ts';
import type { Resource } from '../../../../shared/resources/resource.ts';
import type { RotatingSecret } from '../../../../shared/rotation/rotating-secret.ts';

const text = z.string().nullish().catch(null);
const request = z.object({
  id: z.string(),
  description: text,
  isActive: z.boolean().nullish().catch(null),
  scheduleInterval: text,
  callbackUrl: text,
});
const job = z.object({
  id: z.string(),
  requestId: text,
  status: text,
  completionStatus: text,
  createdAt: text,
  completedAt: text,
});

/** Whose address Data Connector calls. `previous`: ours with the secret before the last rotation. */
export type CallbackOwner = 'ours' | 'previous' | 'another' | 'none';

export interface ListedRequest {
  accountId: string;
  id: string;
  description: string;
  isActive: boolean;
  scheduleInterval: string;
  callback: CallbackOwner;
  lastJob: { id: string; state: string; at: string | null } | null;
}

const PAGE = 100;
const MOST_PAGES = 50;

/** The requests of an account with the last job of each. The callback itself is told to nobody: it holds a secret. */
export async function listRequests(
  accountId: string,
  autodesk: Pick<AutodeskApi, 'list'>,
  ours: { base: string | undefined; secret: RotatingSecret | undefined },
): Promise<ListedRequest[]> {
  const [requests, jobs] = await Promise.all([
    allOf(dataConnectorRequests, accountId, autodesk),
    allOf(dataConnectorJobs, accountId, autodesk),
  ]);
  const lastJobs = new Map<string, z.infer<typeof job>>();
  for (const record of jobs) {
    const found = job.safeParse(record).data;
    if (found === undefined) continue;
    const before = lastJobs.get(found.requestId ?? '');
    if ((before?.createdAt ?? '') <= (found.createdAt ?? '')) lastJobs.set(found.requestId ?? '', found);
  }
  return requests.flatMap((record) => {
    const found = request.safeParse(record).data;
    if (found === undefined) return [];
    const last = lastJobs.get(found.id);
    return [
      {
        accountId,
        id: found.id,
        description: found.description ?? '',
        isActive: found.isActive ?? false,
        scheduleInterval: found.scheduleInterval ?? '',
        callback: ownerOf(found.callbackUrl, ours),
        lastJob: last === undefined ? null : shownJob(last),
      },
    ];
  });
}

function shownJob({ id, status, completionStatus, completedAt, createdAt }: z.infer<typeof job>) {
  const state = status === 'complete' ? (completionStatus ?? 'complete') : (status ?? '');
  return { id, state, at: completedAt ?? createdAt ?? null };
}

function ownerOf(
  url: string | null | undefined,
  { base, secret }: { base: string | undefined; secret: RotatingSecret | undefined },
): CallbackOwner {
  if (url === null || url === undefined || url === '') return 'none';
  if (base !== undefined && url === `${base}${secret?.current}`) return 'ours';
  if (base !== undefined && url === `${base}${secret?.previous}`) return 'previous';
  return 'another';
}

async function allOf(
  resource: Resource,
  scope: string,
  autodesk: Pick<AutodeskApi, 'list'>,
): Promise<Json[]> {
  const records: Json[] = [];
  let position: PagePosition | undefined;
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const page = await autodesk.list({ resource, scope, limit: PAGE, ...(position && { position }) });
    records.push(...page.records);
    position = page.next;
    if (position === undefined) break;
  }
  return records;
}
