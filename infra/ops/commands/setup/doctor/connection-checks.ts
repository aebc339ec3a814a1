import type { AutodeskApi } from '../../../../../shared/autodesk/client/api.ts';
import type { RecordKey } from '../../../../../shared/records/record.ts';
import { findResource } from '../../../../../shared/resources/registry.ts';
import type { Resource, Scope } from '../../../../../shared/resources/resource.ts';
import { enabledLists } from '../../../../../shared/sync/runs/resume-stalled.ts';
import { timeText } from '../../../../../shared/time-text.ts';
import { readAuthorization } from '../../../targets/authorization.ts';
import { type AutodeskSettings, autodeskClientOf } from '../../../targets/autodesk-access.ts';
import { storesOf } from '../../../targets/stores.ts';
import type { Target } from '../../../targets/target.ts';
import { CommandFailedError } from '../../../terminal/command-failed-error.ts';
import { type CheckResult, makeCheck, skipped } from './check.ts';

/** Who is signed in and for how long, and one call of each list with a limit of 1. */
export async function checkAutodesk(target: Target, settings: AutodeskSettings): Promise<CheckResult[]> {
  const client = autodeskClientOf(target, settings);
  const user = await makeCheck('users/me', async () => {
    const { id, email } = await client.signedInUser();
    return `signed in as ${email ?? id}`;
  });
  // Only now: the call may have renewed the connection, or found that it is dead.
  const connection = await makeCheck('connection', () => describeConnection(target));
  const lists: CheckResult[] = [];
  const { enabledResources: resources, accountIds } = settings.lists;
  for (const { resource: name, scope } of enabledLists({ resources, accountIds })) {
    const resource = findResource(name);
    if (!resource) continue;
    if (user.outcome !== 'pass') lists.push(unread(resource, scope));
    else if (resource.parent) lists.push(await checkChildren(client, resource, scope, target));
    else lists.push(await checkList(client, resource, scope));
  }
  return [user, connection, ...lists];
}

async function describeConnection(target: Target): Promise<string> {
  const { state, expiresAt, daysLeft, reason } = await readAuthorization(target);
  if (state === 'connected') {
    if (expiresAt === undefined) return 'a service account, which needs no sign-in';
    return `${daysLeft} days left, renewed daily (until ${timeText(expiresAt, target.timeZone)})`;
  }
  throw new CommandFailedError(reason ?? state, 'Run `npm run ops -- authorize`.');
}

function checkList(client: AutodeskApi, resource: Resource, scope: Scope): Promise<CheckResult> {
  return makeCheck(`${resource.name} (${scope})`, async () => {
    const { records } = await client.list({ resource, scope, limit: 1 });
    return records.length === 0 ? 'readable, empty' : 'readable';
  });
}

/** Asks for the list of one parent, and tells how many calls all of them take. */
async function checkChildren(
  client: AutodeskApi,
  resource: Resource,
  scope: Scope,
  target: Target,
): Promise<CheckResult> {
  const check = `${resource.name} (${scope})`;
  const { name: parents = '', by } = resource.parent ?? {};
  const { records } = storesOf(target);
  const parent = await firstOf(records.liveKeys(parents, scope));
  if (parent === undefined) return skipped(check, `not checked because no ${parents} are stored yet`);
  return makeCheck(check, async () => {
    await client.list({ resource, scope, parents: [parent.id], limit: 1 });
    const { total } = await records.updateSample(parents, scope);
    const calls = by?.kind === 'filter' ? Math.ceil(total / by.atOnce) : total;
    return `readable; a full read takes about ${calls} calls, for about ${total} ${parents}`;
  });
}

async function firstOf(pages: AsyncIterable<RecordKey[]>): Promise<RecordKey | undefined> {
  for await (const [first] of pages) if (first !== undefined) return first;
  return undefined;
}

function unread(resource: Resource, scope: Scope): CheckResult {
  return skipped(`${resource.name} (${scope})`, 'not checked because users/me failed');
}
