import * as z from 'zod';
import type { ManagementClient } from '../../../../../shared/autodesk/client/management-client.ts';
import { type Region, WebhooksClient } from '../../../../../shared/autodesk/client/webhooks-client.ts';
import { UnexpectedResponseError } from '../../../../../shared/autodesk/http/errors.ts';
import { requestRun } from '../../../../../shared/sync/runs/request-run.ts';
import { enabledLists } from '../../../../../shared/sync/runs/resume-stalled.ts';
import type { HookPorts, WantedHooks } from '../../../../../shared/webhooks/set-up-hooks.ts';
import { WEBHOOK_SYSTEM, wantedEvents } from '../../../../../shared/webhooks/webhook-event.ts';
import { BASICS, storesOf } from '../../../targets/stores.ts';
import type { Target } from '../../../targets/target.ts';
import { CommandFailedError } from '../../../terminal/command-failed-error.ts';

/** The hooks that a target should have. `url`: its address where Autodesk can only reach it through a tunnel. */
export function wantedHooksOf(target: Target, url: string | undefined): WantedHooks {
  const { where, enabledResources } = target;
  const callbackUrl = url ?? target.webhookUrl;
  if (callbackUrl === undefined) {
    throw new CommandFailedError(
      'No endpoint is running, so events would have nowhere to go.',
      'Run `npm start`, then run this again while it runs.',
    );
  }
  const isReachable = where.kind === 'aws' || where.origin === 'sandbox' || url !== undefined;
  if (!isReachable) {
    throw new CommandFailedError(
      `Autodesk cannot reach ${callbackUrl}.`,
      'Open a tunnel to it and give its public address with --url https://.../webhooks/autodesk.',
    );
  }
  return {
    events: wantedEvents(enabledResources),
    callbackUrl,
    stage: where.kind === 'aws' ? where.stage : where.origin,
  };
}

/** What setting up hooks needs, at a target. */
export function hookPortsOf(target: Target, client: ManagementClient, region: Region): HookPorts {
  const stores = storesOf(target);
  const { enabledResources: resources, accountIds } = target;
  return {
    webhooks: new WebhooksClient(client, WEBHOOK_SYSTEM, region),
    secret: target.webhookSecret,
    health: stores.hookHealth,
    async readAgain(names) {
      const lists = enabledLists({ resources, accountIds }).filter(({ resource }) =>
        names.includes(resource),
      );
      for (const list of lists) await requestRun({ ...list, mode: 'incremental' }, stores);
    },
    ...BASICS,
  };
}

const me = z.object({ companyId: z.string().min(1) });

/** The company that the signed-in user belongs to: hooks are its own. */
export async function companyOf(client: ManagementClient): Promise<string> {
  const { body } = await client.send({
    method: 'GET',
    path: '/construction/buildingconnected/v2/users/me',
    api: 'buildingconnected',
  });
  const user = me.safeParse(jsonOf(body));
  if (user.success) return user.data.companyId;
  throw new UnexpectedResponseError('users/me did not say which company the user belongs to');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What a person enters by hand, where nobody has signed in for it. */
export function byHand({ events, callbackUrl, stage }: WantedHooks, region: Region): string {
  const system = `https://developer.api.autodesk.com/webhooks/v1/systems/${WEBHOOK_SYSTEM}`;
  const body = {
    callbackUrl,
    scope: { companyId: 'COMPANY' },
    autoReactivateHook: true,
    hookAttribute: { stage: `buildingconnected-sync/${stage}` },
  };
  return [
    'Or send these yourself, with a three-legged token of these scopes:',
    `  headers: Authorization: Bearer TOKEN, Content-Type: application/json, x-ads-region: ${region}`,
    '  COMPANY is the companyId of GET https://developer.api.autodesk.com/construction/buildingconnected/v2/users/me',
    ...events.map((event) => `  POST ${system}/events/${event}/hooks ${JSON.stringify(body)}`),
    '  then for each of them, HOOK being the end of its Location:',
    ...events.map((event) => `  PATCH ${system}/events/${event}/hooks/HOOK {"token":"SECRET"}`),
    '  SECRET is what `npm run ops -- webhooks secret` prints.',
  ].join('\n');
}
