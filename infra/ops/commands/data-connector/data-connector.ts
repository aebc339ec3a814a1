import { Argument } from '@commander-js/extra-typings';
import { MANAGEMENT_SIGN_IN } from '../../../../shared/autodesk/connection/credentials.ts';
import { isoTime } from '../../../../shared/clock.ts';
import { commaSeparated } from '../../../../shared/configuration.ts';
import type { JsonObject } from '../../../../shared/json.ts';
import { dataConnectorRequests } from '../../../../shared/resources/data-connector.ts';
import { currentSecret } from '../../../../shared/rotation/rotating-secret.ts';
import { timeText } from '../../../../shared/time-text.ts';
import { autodeskClientOf, readAutodeskSettings } from '../../targets/autodesk-access.ts';
import { managementClient, NoManagementTokenError } from '../../targets/management-token.ts';
import { BASICS } from '../../targets/stores.ts';
import type { Target } from '../../targets/target.ts';
import { ask } from '../../terminal/ask.ts';
import { CommandFailedError } from '../../terminal/command-failed-error.ts';
import { tableText } from '../../terminal/table-text.ts';
import { print, printJson, type Terminal, tell } from '../../terminal/terminal.ts';
import { type Ops, opsCommand, UsageError } from '../command.ts';
import { newRequest, problemsOf } from './request-fields.ts';
import { type ListedRequest, listRequests } from './request-list.ts';

/** What is sent to Autodesk, and how the same is done by hand. */
interface Change {
  method: 'POST' | 'PATCH';
  path: string;
  body: JsonObject;
  /** What to do in Data Connector's page, where nobody has signed in for this. */
  byHand: string[];
  done: string;
}

export function dataConnector(ops: Ops) {
  const { terminal } = ops;
  return opsCommand(
    'data-connector',
    'list Data Connector requests, attach the callback to one, create or pause one',
    'requests lists them, with the last job of each and whether its callback is ours. attach sets our callback address on ' +
      'a request, create makes a request that has it, pause switches one off. These three ask before they send anything, ' +
      'and off a terminal send only with --yes; they need the management sign-in ' +
      `(\`${MANAGEMENT_SIGN_IN}\`). Without it they print what to enter by hand. ` +
      'Autodesk runs 24 jobs of an account in 24 hours, those started in its page included.',
  )
    .addArgument(new Argument('<what>').choices(['requests', 'attach', 'create', 'pause'] as const))
    .option('--account <id>', 'the account, where several are mirrored')
    .option('--request <id>', 'for attach and pause: which request')
    .option('--groups <list>', 'for create: service groups, such as admin,issues')
    .option('--interval <interval>', 'for create: ONE_TIME, DAY, WEEK, MONTH or YEAR', 'ONE_TIME')
    .option('--every <n>', 'for create: every so many intervals')
    .option('--from <time>', 'for create: when it begins (default: now)')
    .option('--to <time>', 'for create: when it ends, unless ONE_TIME')
    .option('--projects <list>', 'for create: at most 50 project ids (default: all, with executive overview)')
    .option(
      '--date-range <range>',
      'for create: TODAY, YESTERDAY, PAST_7_DAYS, MONTH_TO_DATE, LAST_MONTH or CUSTOM',
    )
    .option('--start <time>', 'for create: first day of the data')
    .option('--end <time>', 'for create: last day of the data')
    .option('--description <text>', 'for create: what people know it by')
    .option('--no-email', 'for create: Autodesk sends no email when it is done')
    .option('--yes', 'send it without asking')
    .option('--json', 'for requests: print JSON')
    .action((what, { account, request, yes, json, dataDir, stage, live, ...fields }) =>
      ops.open({ dataDir, stage, live })(async (target) => {
        if (what === 'requests') return showRequests(target, accountsOf(target, account), terminal, json);
        const accountId = oneAccount(target, account);
        const path = dataConnectorRequests.path(accountId);
        if (what === 'create') {
          const change = await creation(target, path, fields);
          return send(change, target, terminal, yes);
        }
        if (request === undefined || !/^[A-Za-z0-9_-]{1,128}$/.test(request))
          throw new UsageError(`${what} needs --request.`, 'data-connector');
        const of = { method: 'PATCH', path: `${path}/${encodeURIComponent(request)}` } as const;
        if (what === 'pause') {
          const byHand = [`Open request ${request} in Data Connector and turn its schedule off.`];
          const done = `Request ${request} is paused.`;
          return send({ ...of, body: { isActive: false }, byHand, done }, target, terminal, yes);
        }
        const callbackUrl = await ourCallback(target);
        const byHand = [
          `Enter this as the callback URL of request ${request}: in Data Connector where its page offers the field, else by its API as the user who owns the request, with data:write:`,
          `PATCH ${of.path}`,
          `callbackUrl: ${callbackUrl}`,
        ];
        const done = `Request ${request} calls back to us from its next job on.`;
        return send({ ...of, body: { callbackUrl }, byHand, done }, target, terminal, yes);
      }),
    );
}

interface CreationOptions {
  groups?: string | undefined;
  interval: string;
  every?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
  projects?: string | undefined;
  dateRange?: string | undefined;
  start?: string | undefined;
  end?: string | undefined;
  description?: string | undefined;
  email: boolean;
}

async function creation(target: Target, path: string, options: CreationOptions): Promise<Change> {
  const { groups, interval, every, from, to, projects, dateRange, start, end, description, email } = options;
  const now = BASICS.clock.now();
  const checked = newRequest(now).safeParse({
    scheduleInterval: interval,
    ...(every !== undefined && { reoccuringInterval: Number(every) }),
    effectiveFrom: from ?? isoTime(now),
    ...(to !== undefined && { effectiveTo: to }),
    serviceGroups: commaSeparated.parse(groups ?? ''),
    ...(projects !== undefined && { projectIdList: commaSeparated.parse(projects) }),
    ...(dateRange !== undefined && { dateRange }),
    ...(start !== undefined && { startDate: start }),
    ...(end !== undefined && { endDate: end }),
    ...(description !== undefined && { description }),
    sendEmail: email,
    callbackUrl: await ourCallback(target),
  });
  if (!checked.success) throw new UsageError(`${problemsOf(checked.error)}.`, 'data-connector');
  const { data: body } = checked;
  return {
    method: 'POST',
    path,
    body,
    byHand: [
      'In Data Connector, choose "Run extraction" or "Schedule extraction" and enter:',
      ...Object.entries(body).map(([name, value]) => `${name}: ${String(value)}`),
      'Where its page does not offer a callback URL, attach it afterwards: `npm run ops -- data-connector attach`.',
    ],
    done: 'The request is made. Its first job may take some minutes to begin.',
  };
}

async function send(
  { method, path, body, byHand, done }: Change,
  target: Target,
  terminal: Terminal,
  yes: boolean | undefined,
): Promise<void> {
  let client: Awaited<ReturnType<typeof managementClient>>;
  try {
    client = await managementClient(target);
  } catch (error) {
    if (!(error instanceof NoManagementTokenError)) throw error;
    tell(terminal, 'Nothing was sent. By hand:');
    for (const line of byHand) print(terminal, line);
    throw error;
  }
  if (yes !== true) {
    print(terminal, `${method} ${path}`);
    printJson(terminal, body);
    if (!terminal.isInteractive) return tell(terminal, 'Nothing was sent; add --yes to send it.');
    const answer = await ask(terminal, 'Send this? (yes or no)', false);
    if (!/^y(es)?$/i.test(answer)) return tell(terminal, 'Nothing was sent.');
  }
  await client.send({ method, path, body, api: 'data-connector' });
  tell(terminal, done);
}

async function showRequests(
  target: Target,
  accountIds: readonly string[],
  terminal: Terminal,
  json: boolean | undefined,
): Promise<void> {
  const client = autodeskClientOf(target, await readAutodeskSettings(target));
  const ours = { base: target.callbackUrlBase, secret: await target.callbackTokens.read() };
  const requests: ListedRequest[] = [];
  for (const accountId of accountIds) requests.push(...(await listRequests(accountId, client, ours)));
  if (json) return printJson(terminal, requests);
  if (requests.length === 0) return tell(terminal, 'No requests of the signed-in user.');
  print(terminal, tableText([HEADER, ...requests.map((request) => rowOf(request, target.timeZone))]));
}

const HEADER = ['REQUEST', 'DESCRIPTION', 'SCHEDULE', 'ACTIVE', 'CALLBACK', 'LAST JOB', 'AT'];

function rowOf(request: ListedRequest, timeZone: string): string[] {
  const { id, description, scheduleInterval, isActive, callback, lastJob } = request;
  return [
    id,
    description,
    scheduleInterval,
    isActive ? 'yes' : 'no',
    callback,
    lastJob?.state ?? '',
    lastJob?.at ? timeText(lastJob.at, timeZone) : '',
  ];
}

function accountsOf(target: Target, account: string | undefined): readonly string[] {
  if (account === undefined) return target.accountIds;
  if (target.accountIds.includes(account)) return [account];
  throw new UsageError(`The account ${account} is not mirrored.`, 'data-connector');
}

function oneAccount(target: Target, account: string | undefined): string {
  const accounts = accountsOf(target, account);
  const [only] = accounts;
  if (only !== undefined && accounts.length === 1) return only;
  throw new UsageError(
    accounts.length === 0
      ? 'No account is mirrored: set AUTODESK_ACCOUNT_IDS, or accountIds of the stage.'
      : `Several accounts are mirrored; choose with --account: ${accounts.join(', ')}.`,
    'data-connector',
  );
}

async function ourCallback({ callbackTokens, callbackUrlBase }: Target): Promise<string> {
  if (callbackUrlBase === undefined) {
    throw new CommandFailedError(
      'No endpoint is running, so there is no callback address.',
      'Run `npm start`, then run this again while it runs.',
    );
  }
  return `${callbackUrlBase}${await currentSecret(callbackTokens, BASICS.randomness)}`;
}
