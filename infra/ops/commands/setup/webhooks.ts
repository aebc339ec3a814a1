import { Argument, InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { isPrivate } from '../../../../shared/addresses.ts';
import type { ManagementClient } from '../../../../shared/autodesk/client/management-client.ts';
import { type Hook, REGIONS, type Region } from '../../../../shared/autodesk/client/webhooks-client.ts';
import { knownCredentials, MANAGEMENT_SIGN_IN } from '../../../../shared/autodesk/connection/credentials.ts';
import { connectAutodesk } from '../../../../shared/composition/autodesk.ts';
import { currentSecret } from '../../../../shared/rotation/rotating-secret.ts';
import {
  type HookPlan,
  isOurs,
  planHooks,
  removeHooks,
  setUpHooks,
  type WantedHooks,
} from '../../../../shared/webhooks/set-up-hooks.ts';
import { plainEvent } from '../../../../shared/webhooks/webhook-event.ts';
import { readAutodeskSettings } from '../../targets/autodesk-access.ts';
import { managementClient, NoManagementTokenError } from '../../targets/management-token.ts';
import { BASICS, storesOf } from '../../targets/stores.ts';
import type { Target } from '../../targets/target.ts';
import { ask } from '../../terminal/ask.ts';
import { tableText } from '../../terminal/table-text.ts';
import { print, printJson, type Terminal, tell } from '../../terminal/terminal.ts';
import { type Ops, opsCommand } from '../command.ts';
import { byHand, companyOf, hookPortsOf, wantedHooksOf } from './webhooks/webhook-access.ts';

const ACTIONS = ['list', 'create', 'rotate', 'remove', 'secret'] as const;

interface Choices {
  region: Region;
  url?: string | undefined;
  yes?: true | undefined;
  json?: true | undefined;
}

export function webhooks(ops: Ops) {
  const { terminal } = ops;
  return opsCommand(
    'webhooks',
    'list, create, rotate or remove the webhooks that Autodesk tells of new bids and opportunities by',
    'create makes one webhook for each event that the mirrored lists want, switches on what Autodesk has switched ' +
      'off, and replaces those of an earlier address; run it as often as you like. rotate does the same with a new ' +
      'secret; the old one stays valid. remove only removes ours. secret prints what events are signed with. ' +
      `Needs the management sign-in: \`${MANAGEMENT_SIGN_IN}\`. ` +
      'Off a terminal nothing is changed without --yes.',
  )
    .addArgument(new Argument('[action]', 'what to do').choices(ACTIONS).default('list' as const))
    .addOption(
      new Option('--region <region>', 'where Autodesk keeps them and calls from')
        .choices(REGIONS)
        .default('US' as const),
    )
    .option('--url <url>', 'the public address of the local endpoint, such as of a tunnel', addressOf)
    .option('--yes', 'change things without asking')
    .option('--json', 'print JSON')
    .action((action, { region, url, yes, json, ...places }) =>
      ops.open(places)(async (target) => {
        const choices: Choices = { region, url, yes, json };
        switch (action) {
          case 'list':
            return list(target, choices, terminal);
          case 'create':
            return create(target, choices, false, terminal);
          case 'rotate':
            return create(target, choices, true, terminal);
          case 'remove':
            return remove(target, choices, terminal);
          case 'secret':
            return print(terminal, await currentSecret(target.webhookSecret, BASICS.randomness));
        }
      }),
    );
}

function addressOf(text: string): string {
  const url = URL.parse(text);
  if (url !== null && isPrivate(url)) return url.href;
  throw new InvalidArgumentError('It must be an https URL.');
}

/** Reading needs no more than the mirror's own token. */
async function list(target: Target, { region, json }: Choices, terminal: Terminal): Promise<void> {
  const client = await managementClient(target).catch((error: unknown) => {
    if (error instanceof NoManagementTokenError) return readingClient(target);
    throw error;
  });
  const hooks = await hookPortsOf(target, client, region).webhooks.list();
  const { value } = await storesOf(target).hookHealth.read();
  const rows = hooks.map((hook) => ({
    ...described(hook),
    isOurs: hook.callbackUrl === value.setUp?.callbackUrl || hook.callbackUrl === target.webhookUrl,
  }));
  if (json) return printJson(terminal, rows);
  if (rows.length === 0)
    return tell(terminal, 'There are no webhooks. Make them with `npm run ops -- webhooks create`.');
  print(
    terminal,
    tableText([
      ['EVENT', 'STATUS', 'OURS', 'ADDRESS', 'ID'],
      ...rows.map((row) => [row.event, row.status, row.isOurs ? 'yes' : 'no', row.callbackUrl, row.hookId]),
    ]),
  );
}

async function create(target: Target, choices: Choices, rotate: boolean, terminal: Terminal): Promise<void> {
  const { region, url, json } = choices;
  const wanted = wantedHooksOf(target, url);
  const client = await managementClient(target).catch((error: unknown) => {
    if (error instanceof NoManagementTokenError) tell(terminal, byHand(wanted, region));
    throw error;
  });
  const ports = hookPortsOf(target, client, region);
  const plan = planHooks(await ports.webhooks.list(), wanted);
  const isDone = await goesAhead(planLines(plan, wanted, rotate), choices, terminal);
  if (isDone) {
    const companyId = await companyOf(client);
    await setUpHooks(plan, { ...wanted, region, companyId, rotate }, ports);
    // Tells that it is over without waiting for the next minute.
    await storesOf(target).alertQueue.send({ kind: 'evaluate' });
    tell(terminal, `Autodesk sends ${wanted.events.length} kinds of events to ${wanted.callbackUrl}.`);
    if (rotate) tell(terminal, 'The old secret stays valid: a change takes up to ten minutes at Autodesk.');
  }
  if (json) printJson(terminal, { isDone, ...outcomeOf(plan) });
}

async function remove(target: Target, choices: Choices, terminal: Terminal): Promise<void> {
  const client = await managementClient(target);
  const ports = hookPortsOf(target, client, choices.region);
  const { value } = await ports.health.read();
  const callbackUrl = choices.url ?? value.setUp?.callbackUrl ?? target.webhookUrl ?? '';
  const stage = target.where.kind === 'aws' ? target.where.stage : target.where.origin;
  const ours = (await ports.webhooks.list()).filter((hook) => isOurs(hook, { callbackUrl, stage }));
  const isDone = await goesAhead(
    ours.map((hook) => `remove ${plainEvent(hook.event)} at ${hook.callbackUrl}`),
    choices,
    terminal,
  );
  if (isDone) {
    await removeHooks(ours, ports);
    await storesOf(target).alertQueue.send({ kind: 'evaluate' });
    tell(terminal, `Removed ${ours.length}.`);
  }
  if (choices.json) printJson(terminal, { isDone, removed: ours.map(described) });
}

/** Says what would be done, and whether to do it. */
async function goesAhead(lines: readonly string[], { yes }: Choices, terminal: Terminal): Promise<boolean> {
  for (const line of lines) tell(terminal, `  ${line}`);
  if (yes) return true;
  if (!terminal.isInteractive) {
    tell(terminal, 'Nothing was changed. Run it again with --yes to do this.');
    return false;
  }
  return /^y(es)?$/i.test(await ask(terminal, 'Do this? [y/N]', false));
}

function planLines(
  { create: made, keep, remove: removed }: HookPlan,
  { callbackUrl }: WantedHooks,
  rotate: boolean,
) {
  return [
    ...made.map((event) => `create ${event} at ${callbackUrl}`),
    ...keep.map(
      ({ event, status }) => `keep ${plainEvent(event)}${status === 'inactive' ? ', switch it on' : ''}`,
    ),
    ...removed.map((hook) => `remove ${plainEvent(hook.event)} at ${hook.callbackUrl}`),
    ...(rotate ? ['give all of them a new secret'] : []),
  ];
}

function outcomeOf({ create: created, keep, remove: removed }: HookPlan) {
  return { created, kept: keep.map(described), removed: removed.map(described) };
}

function described({ hookId, event, status, callbackUrl }: Hook) {
  return { hookId, event: plainEvent(event), status, callbackUrl };
}

async function readingClient(target: Target): Promise<ManagementClient> {
  const { credentials, seed, ...access } = await readAutodeskSettings(target);
  return connectAutodesk({
    ...BASICS,
    ...target,
    ...access,
    credentials: knownCredentials(credentials, seed),
  }).management;
}
