import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { savedQuestions } from '../../infra/query/saved-questions.ts';
import { finishedJob, queuedJob } from '../../infra/sandbox/company/data-connector-history.ts';
import { largeFile, sha256Of } from '../../infra/sandbox/data/extract-files.ts';
import { seededRandomness } from '../../infra/sandbox/seed/seeded-randomness.ts';
import { signedClick } from '../../infra/sandbox/slack/click.ts';
import { SANDBOX_PERSON } from '../../infra/sandbox/slack/workspace.ts';
import { MANAGEMENT_SCOPES } from '../../shared/autodesk/connection/credentials.ts';
import { systemClock } from '../../shared/clock.ts';
import { EXTRACT_TABLES, historyTableName, tableName } from '../../shared/lake/names.ts';
import { listNamesOf, requireResource } from '../../shared/resources/registry.ts';
import { signatureOf } from '../../shared/webhooks/webhook-signature.ts';
import { hasChromium, launchChromium } from '../browser/chromium.ts';
import { testReading } from '../browser/test-reading.ts';
import { useWatchedPage } from '../browser/watched-page.ts';
import { differences, expectedAnswers } from '../infra/query/expected-answers.ts';
import { PAIRS, toldAfterMs } from '../support/alerts/told-after.ts';
import type { RunningCommand } from '../support/processes/run-command.ts';
import { exportedLines } from '../support/sync/compare-with-sandbox.ts';
import { type Assembly, synthesizeStages } from './assembly.ts';
import { ACCOUNT } from './aws.ts';
import { type Company, startCompany } from './company.ts';
import { readDeployment } from './iam/read-deployment.ts';
import { type RecordingProxy, startRecordingProxy } from './iam/recording/recording-proxy.ts';
import { describeReport, reportOn } from './iam/report.ts';
import { type Inbox, subscribe } from './inbox.ts';
import { killFunction } from './processes.ts';
import { AWS_CLIENT, allComplete, DeployedStage } from './stage.ts';

const PATIENCE = 240_000;
const SOON = { timeout: 60_000, interval: 500 };
/** A lease of a minute that nobody renews, and the tick after it. */
const AFTER_THE_TICK = { timeout: 200_000, interval: 1000 };
const SOUND = { fileStatus: 'SUCCESS', fileSyncingError: null, shouldRelinkGroup: false };
const ERROR = 'The client file "A-101.pdf" could not be copied.';

const canBrowse = hasChromium('the console of a stage is read by HTTP only');

let folder: string;
let company: Company;
let assembly: Assembly;
let stage: DeployedStage;
let inbox: Inbox;
let proxy: RecordingProxy;
/** When the daily sweep of the users starts, four minutes from now. Callbacks and other runs leave that list alone. */
const sweepAt = new Date(Math.floor(Date.now() / 60_000) * 60_000 + 4 * 60_000);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'deployed-'));
  company = await startCompany({
    scale: { projects: 8, pairs: 20, invites: 600, forms: 12, requests: 6, jobs: 10 },
  });
  const { origin, accountIds, data } = company.sandbox;
  for (const { id } of data.records(PAIRS)) data.change(PAIRS, String(id), SOUND);
  proxy = await startRecordingProxy({ upstream: new URL(AWS_CLIENT.endpoint), account: ACCOUNT });
  assembly = await synthesizeStages({
    workFolder: folder,
    proxyUrl: proxy.url,
    stages: {
      one: {
        removalPolicy: 'destroy',
        accountIds,
        worker: { concurrency: 3 },
        autodesk: { baseUrl: origin },
        dataConnector: { extracts: true },
        alerts: { emails: ['estimating@example.com'] },
        operations: { emails: ['it@example.com'] },
        resources: {
          users: { fullSweepAt: sweepAt.toISOString().slice(11, 16) },
        },
      },
    },
  });
  stage = new DeployedStage({ name: 'one', company, workFolder: folder });
  await stage.deploy(assembly.folder);
  inbox = await subscribe((await stage.outputs()).AlertsTopicArn, 'estimating');
}, PATIENCE);

afterAll(async () => {
  await proxy?.close();
  await company?.close();
  await rm(folder, { recursive: true, force: true });
});

const incidents = z.array(z.object({ id: z.string(), state: z.string() }));
const deadLetters = z.array(
  z.object({ messageId: z.string(), at: z.string(), reason: z.string(), body: z.string() }),
);
const landed = z.array(
  z.object({
    requestId: z.string(),
    state: z.string(),
    files: z.array(z.object({ name: z.string(), size: z.number(), sha256: z.string() })),
  }),
);
const quarantined = z.array(z.object({ key: z.string(), message: z.string() }));

async function lastRunOf(resource: string) {
  const { resources } = await stage.status();
  return resources.find((list) => list.resource === resource)?.lastRun;
}

/** Asks for a run of a list and waits until it is over. */
async function syncOf(resource: string, ...args: string[]) {
  const before = (await lastRunOf(resource))?.id;
  await stage.run('sync', '--resource', resource, ...args);
  await expect
    .poll(async () => {
      const run = await lastRunOf(resource);
      return run?.id !== before && run?.status;
    }, SOON)
    .toBe('complete');
  return lastRunOf(resource);
}

const ASKED_LISTS = [
  'projects',
  'bid-packages',
  'invites',
  'bids',
  'opportunities',
  'opportunity-project-pairs',
];
const exportedRecord = z.object({
  resource: z.string(),
  id: z.string(),
  updatedAt: z.string().nullable(),
  readAt: z.string(),
  deletedAt: z.string().exactOptional(),
  data: z.record(z.string(), z.unknown()),
});
const row = z.record(z.string(), z.union([z.null(), z.boolean(), z.number(), z.string()]));

/** What differs between what Athena answers to the saved questions and what follows from what `export` writes. */
async function wrongAnswers(names: readonly string[]): Promise<string[]> {
  const records = [];
  for (const list of ASKED_LISTS) {
    const lines = exportedLines(await stage.run('export', '--resource', list, '--include-deleted'));
    records.push(...z.array(exportedRecord).parse(lines));
  }
  const wrong: string[] = [];
  for (const name of names) {
    const rows = z.array(row).parse(await stage.asked('--saved', name));
    const expected = expectedAnswers({ records, versions: [] }, {}, systemClock.now())[name] ?? [];
    const columns = Object.keys(rows[0] ?? {}).map((column) => ({ name: column, kind: 'text' as const }));
    const answer = { columns, rows: valuesOf(rows) };
    wrong.push(...(await differences(answer, expected)).map((difference) => `${name}: ${difference}`));
  }
  return wrong;
}

async function* valuesOf(rows: readonly z.infer<typeof row>[]) {
  for (const values of rows) yield Object.values(values);
}

describe('a stage on AWS', { timeout: PATIENCE }, () => {
  it('is deployed whole, but for the alarms over several metrics', () => {
    expect(assembly.leftOut.map((id) => id.replace(/[0-9A-F]{8}$/, '')).sort()).toEqual([
      'Alarmsautodeskthrottlingbuildingconnected',
      'Alarmsautodeskthrottlingdataconnector',
      'Alarmstablethrottlesrecords',
      'Alarmstablethrottlesstate',
    ]);
  });

  it('says what is missing before anybody has signed in', async () => {
    const { code, stdout } = await stage.ops('doctor');
    expect([code, stdout]).toEqual([1, expect.stringContaining('ops -- configure')]);
  });

  it('takes its secrets from standard input and a sign-in in the browser', async () => {
    expect(await stage.configure()).toMatchObject({ code: 0 });
    expect(await stage.authorize()).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('Signed in as'),
    });
    expect(await stage.run('callback-url', '--rotate')).toMatch(
      /^http:.*\/callbacks\/data-connector\/[\w-]{43,}\n$/,
    );
  });

  it('goes on by itself when a worker is killed in the middle of a load, and misses nothing', async () => {
    const { faults, journal } = company.sandbox;
    const fast = faults.add({ on: /\/invites\?/, fault: { kind: 'slow', latencyMs: 1000 } });
    await stage.run('sync');
    await expect.poll(() => journal.count({ path: /\/invites\?/ }), SOON).toBeGreaterThanOrEqual(2);
    expect(await killFunction('buildingconnected-sync-one-Worker')).toBeGreaterThan(0);
    fast();
    await expect.poll(async () => allComplete(await stage.status()), AFTER_THE_TICK).toBe(true);
    expect(await stage.differences()).toEqual([]);
  });

  it('publishes what it mirrors as tables, and answers questions from them', async () => {
    await stage.publish();
    // Of a first load nothing has been replaced.
    expect(await stage.asked('SELECT count(*) AS n FROM opportunity_project_pairs_history')).toEqual([
      { n: 0 },
    ]);
    const names = (await savedQuestions()).map(({ name }) => name);
    expect(names).toHaveLength(10);
    expect(await wrongAnswers(names)).toEqual([]);
    const { stderr } = await stage.ops('query', '--saved', 'response-rate');
    expect(stderr).toMatch(/^As of .*\n/);
    const published = await stage.publishedFiles();
    const { EnabledResources } = await stage.outputs();
    const lists = EnabledResources.flatMap((name) => listNamesOf(requireResource(name)));
    const tables = [...new Set(published.map((file) => file.split('/')[1] ?? ''))].sort();
    expect(tables.filter((table) => !table.startsWith(EXTRACT_TABLES))).toEqual(
      lists.flatMap((name) => [tableName(name), historyTableName(name)]).sort(),
    );
    await stage.publish();
    expect(await stage.publishedFiles()).toEqual(published);
  });

  it('shows what has changed once it publishes again, and keeps for a day what it showed before', async () => {
    const before = await stage.publishedFiles();
    const { data } = company.sandbox;
    const undecided = data.records('invites').find(({ state }) => state === 'UNDECIDED');
    data.change('invites', String(undecided?.id), { state: 'BID_SUBMITTED', bidNotes: { isNew: true } });
    await syncOf('invites');
    const stale = await stage.asked('--saved', 'response-rate');
    await stage.publish();
    const fresh = await stage.asked('--saved', 'response-rate');
    expect(await wrongAnswers(['response-rate'])).toEqual([]);
    expect(fresh).not.toEqual(stale);
    expect(await stage.asked('SELECT bid_notes FROM invites WHERE bid_notes IS NOT NULL')).toEqual([
      { bid_notes: '{"isNew":true}' },
    ]);
    const after = await stage.publishedFiles();
    expect(before.filter((file) => !after.includes(file))).toEqual([]);
    expect(new Set(after.filter((file) => !before.includes(file)).map((file) => file.split('/')[1]))).toEqual(
      new Set(['invites', 'invites_history']),
    );
  });

  it('finds nothing wrong with itself', async () => {
    const { code, stdout, stderr } = await stage.ops('doctor');
    expect([code, stdout + stderr]).toEqual([0, expect.stringContaining('accepts its secret and no other')]);
  });

  it('takes a callback of Data Connector, confirms it and syncs every list; and again when it is replayed', async () => {
    const [job] = company.sandbox.data.records('data-connector-jobs');
    const [jobId, requestId] = [String(job?.id), String(job?.requestId)];
    const before = (await lastRunOf('invites'))?.id;
    expect(await stage.callBack(jobId, requestId)).toBe(202);
    await expect.poll(() => stage.json('replay'), SOON).toMatchObject([{ jobId, state: 'confirmed' }]);
    await expect.poll(async () => (await lastRunOf('invites'))?.id, SOON).not.toBe(before);
    await expect.poll(async () => allComplete(await stage.status()), SOON).toBe(true);

    const replayed = (await lastRunOf('invites'))?.id;
    await stage.run('replay', jobId);
    await expect.poll(async () => (await lastRunOf('invites'))?.id, SOON).not.toBe(replayed);
  });

  it('lands the files of a job that calls back, in the bucket and not twice, and downloads them again', async () => {
    const { data, extracts } = company.sandbox;
    const [request = {}] = data.records('data-connector-requests');
    const nowMs = Date.now();
    const job = {
      ...queuedJob(request, nowMs - 60_000, seededRandomness('landed')),
      ...finishedJob(nowMs, true),
    };
    const [jobId, requestId] = [String(job.id), String(job.requestId)];
    // One is stored in one go, the other in parts.
    const files = [12, 30].map((mib) => largeFile(`${mib}-mib.csv`, mib * 1024 * 1024));
    data.put('data-connector-jobs', job);
    for (const file of files) extracts.files.put(jobId, file);
    expect(await stage.callBack(jobId, requestId)).toBe(202);

    const listed = async () => landed.parse(await stage.json('extracts', '--job', jobId));
    await expect.poll(listed, SOON).toMatchObject([{ state: 'landed', requestId }]);
    const expected = files.map((file) => ({ name: file.name, size: file.size, sha256: sha256Of(file) }));
    expect((await listed())[0]?.files).toEqual(expect.arrayContaining(expected));
    await stage.publish();
    const counted = `SELECT count(*) AS users FROM extract_admin_users WHERE extract_job_id = '${jobId}'`;
    expect(await stage.asked(counted)).toEqual([{ users: expect.any(Number) }]);
    expect(await stage.asked(counted)).not.toEqual([{ users: 0 }]);
    const downloaded = join(folder, 'extracts');
    await stage.run('extracts', '--get', downloaded, '--job', jobId);
    const users = await readFile(join(downloaded, requestId, jobId, 'admin_users.csv'), 'utf8');
    expect(users).toMatch(/^id,name,email,status\n/);
    for (const { headers } of extracts.server.journal) expect(headers).not.toContain('authorization');

    const downloads = extracts.server.journal.filter((entry) => entry.jobId === jobId).length;
    await stage.run('replay', jobId);
    await expect.poll(async () => allComplete(await stage.status()), SOON).toBe(true);
    expect(extracts.server.journal.filter((entry) => entry.jobId === jobId)).toHaveLength(downloads);
    expect((await stage.status()).dataConnector).toMatchObject([{ waiting: 0, failed: [] }]);
  });

  it('tells a failed transfer once on Slack and by email, then who took it, and once that it is over', async () => {
    const { data } = company.sandbox;
    const { messages } = company.slack;
    const pairId = String(data.records(PAIRS)[3]?.id);
    const said = (...texts: string[]) => texts.map((text) => expect.stringContaining(text));
    const failedAtMs = Date.now();
    data.change(PAIRS, pairId, { fileStatus: 'FAILED', fileSyncingError: ERROR });
    await syncOf(PAIRS);
    await expect.poll(() => messages, SOON).toEqual(said('A-101.pdf'));
    const toldMs = toldAfterMs(company.sandbox, company.slack, failedAtMs);
    console.log(`${toldMs} ms from the look that found the failure to the message in Slack`);
    expect(toldMs).toBeLessThanOrEqual(10_000);
    await expect.poll(() => inbox.messages(), SOON).toEqual(said('A-101.pdf'));

    const [incident] = incidents.parse(await stage.json('incidents'));
    const taken = await stage.json('ack', incident?.id ?? '', '--by', 'Dana');
    expect(taken).toMatchObject({ state: 'acknowledged' });
    await expect.poll(() => messages, SOON).toEqual(said('A-101.pdf', 'Dana'));

    data.changeQuietly(PAIRS, pairId, SOUND);
    await syncOf(PAIRS, '--full');
    await expect.poll(() => messages, SOON).toEqual(said('A-101.pdf', 'Dana', 'File transfer fixed'));
    await expect.poll(() => inbox.messages(), SOON).toEqual(said('A-101.pdf', 'Dana', 'File transfer fixed'));
    expect(await stage.json('incidents')).toEqual([]);

    await syncOf(PAIRS);
    expect([messages.length, (await inbox.messages()).length]).toEqual([3, 3]);
  });

  it('sends a test alert on each channel', async () => {
    const told = company.slack.messages.length;
    const emails = (await inbox.messages()).length;
    await stage.run('alerts-test');
    expect(company.slack.messages).toHaveLength(told + 1);
    await expect.poll(async () => (await inbox.messages()).length, SOON).toBe(emails + 1);
  });

  it('takes a click in Slack that is signed, within three seconds of a cold start, and keeps the message true', async () => {
    expect(await stage.configureSlackApp()).toMatchObject({ code: 0 });
    // The function would go on with the webhook that it knows for two minutes.
    await killFunction('buildingconnected-sync-one-Alert');
    const { data } = company.sandbox;
    const { workspace } = company.slackApp;
    const { SlackActionsUrl: actionsUrl } = await stage.outputs();
    const pairId = String(data.records(PAIRS)[5]?.id);
    data.change(PAIRS, pairId, { fileStatus: 'FAILED', fileSyncingError: ERROR });
    await syncOf(PAIRS);
    await expect
      .poll(() => workspace.messages, SOON)
      .toMatchObject([{ text: expect.stringContaining('failed') }]);
    const [message] = workspace.messages;
    const [incident] = incidents.parse(await stage.json('incidents'));
    if (message === undefined || incident === undefined) throw new Error('Nothing was told.');

    const value = `acknowledge ${incident.id}`;
    const click = signedClick(message, { actionId: 'acknowledge', blockId: incident.id, value }, systemClock);
    const startedMs = performance.now();
    const taken = await fetch(actionsUrl, { method: 'POST', ...click });
    const tookMs = Math.round(performance.now() - startedMs);
    console.log(`${tookMs} ms for the first click, the start of the function included`);
    expect(taken.status).toBe(200);
    expect(tookMs).toBeLessThan(3_000);
    const again = await fetch(actionsUrl, { method: 'POST', ...click });
    const unsigned = await fetch(actionsUrl, { method: 'POST', body: click.body });
    expect([again.status, unsigned.status]).toEqual([401, 401]);
    expect(await stage.json('incidents')).toMatchObject([
      { id: incident.id, state: 'acknowledged', handled: { slackUserId: SANDBOX_PERSON.id } },
    ]);
    const shown = () => JSON.stringify(workspace.find(message.channel, message.ts)?.blocks);
    await expect.poll(shown, SOON).toContain('Acknowledged by');

    data.change(PAIRS, pairId, SOUND);
    await syncOf(PAIRS);
    await expect.poll(shown, SOON).toContain('File transfer fixed');
    await expect.poll(() => workspace.messages, SOON).toHaveLength(2);
    expect(await stage.ops('doctor')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('takes what is signed with its secret'),
    });
  });

  it('brings what a signed event of a webhook tells of, and refuses one that somebody else has signed', async () => {
    const secret = (await stage.run('webhooks', 'secret')).trim();
    const { WebhookUrl: url } = await stage.outputs();
    const happened = await company.sandbox.live.happen('opportunity-received');
    const hook = { event: 'opportunity.created-1.0', system: 'autodesk.construction.bc' };
    const body = JSON.stringify({ version: '1.0', hook, payload: { opportunityId: happened?.id } });
    const send = async (signedWith: string) => {
      const startedMs = performance.now();
      const { status } = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-adsk-delivery-id': 'delivery-1',
          'x-adsk-signature': signatureOf(body, signedWith),
        },
        body,
      });
      console.log(`${Math.round(performance.now() - startedMs)} ms for the answer ${status} to an event`);
      return status;
    };
    expect(await send('f'.repeat(64))).toBe(401);
    // The intake may have looked for the secret before there was one, and looks again ten seconds later.
    await expect.poll(() => send(secret), SOON).toBe(202);
    expect(await send(secret)).toBe(202);
    await expect
      .poll(
        async () =>
          exportedLines(await stage.run('export', '--resource', 'opportunities')).some(
            ({ id }) => id === happened?.id,
          ),
        SOON,
      )
      .toBe(true);
    const { webhooks } = await stage.status();
    // Nobody has set up hooks at the sandbox: it does not call an address that is not this machine's own.
    expect(webhooks).toBeNull();
  });

  it('switches on a webhook that is off, with the sign-in that was made for it, and reads its list again', async () => {
    expect(await stage.authorize('--scopes', MANAGEMENT_SCOPES.join(','))).toMatchObject({ code: 0 });
    // An address of this machine, which the sandbox takes; nothing listens there.
    await stage.run('webhooks', 'create', '--yes', '--url', 'http://127.0.0.1:9/webhooks/autodesk');
    const { hooks } = company.sandbox;
    const { hookId } = hooks.all().find(({ event }) => event === 'bid.created') ?? { hookId: '' };
    hooks.change(hookId, { status: 'inactive' });
    const before = (await lastRunOf('bids'))?.id;

    const sqs = new SQSClient(AWS_CLIENT);
    const { FetchQueueUrl } = await stage.outputs();
    const MessageBody = JSON.stringify({ kind: 'keep-alive' });
    await sqs.send(new SendMessageCommand({ QueueUrl: FetchQueueUrl, MessageBody }));

    await expect.poll(() => hooks.get(hookId)?.status, SOON).toBe('active');
    await expect.poll(async () => (await lastRunOf('bids'))?.id, SOON).not.toBe(before);
    await expect.poll(async () => allComplete(await stage.status()), SOON).toBe(true);
    expect((await stage.status()).webhooks).toMatchObject({ managementRefused: null });
    await stage.run('webhooks', 'remove', '--yes');
    expect(hooks.all()).toEqual([]);
  });

  describe('is shown by the console, which', () => {
    let running: RunningCommand;
    let url: string;
    let browser: Browser;
    beforeAll(async () => {
      running = stage.start(['console', '--port', '0']);
      url = await vi.waitUntil(() => /Console: (\S+)\n/.exec(running.output.stdout)?.[1], SOON);
      if (canBrowse) browser = await launchChromium();
    }, PATIENCE);
    afterAll(async () => {
      await browser?.close();
      running?.child.kill('SIGTERM');
      expect((await running?.ended)?.code).toBe(0);
    });

    it('only looks', async () => {
      const shown = async (path: string) => (await fetch(`${url}${path}`)).text();
      expect(await shown('')).toMatch(/stage one[\s\S]*opportunity-project-pairs[\s\S]*complete/);
      expect(await shown('runs?resource=invites')).toContain('incremental');
      expect(await shown('transfers')).toContain('File transfer fixed');
      expect(await shown('timeline')).toContain('Dana');
      expect(await shown('operations')).toContain('Quarantine');
      expect(await shown('')).not.toContain('method="post"');
      expect(JSON.parse(await shown('api/status'))).toMatchObject({ resources: expect.any(Array) });
      const post = await fetch(`${url}act/sync`, { method: 'POST', headers: { origin: url.slice(0, -1) } });
      expect(post.status).toBe(403);
    });

    describe.skipIf(!canBrowse)('in a browser', () => {
      testReading({
        browser: () => browser,
        page: useWatchedPage(() => browser),
        url: () => url,
        projectName: () => String(company.sandbox.data.records('projects')[0]?.name),
      });
    });
  });

  it('parks a message that it cannot read with the reason, and moves it back when asked', async () => {
    const sqs = new SQSClient(AWS_CLIENT);
    const { FetchQueueUrl } = await stage.outputs();
    await sqs.send(new SendMessageCommand({ QueueUrl: FetchQueueUrl, MessageBody: 'no message' }));
    const parked = async () => deadLetters.parse(await stage.json('redrive', '--list'));
    await expect
      .poll(parked, SOON)
      .toMatchObject([{ body: 'no message', reason: expect.stringMatching(/\w/) }]);
    expect((await stage.status()).queues.fetch.deadLetters).toBe(1);
    const [first] = await parked();

    await stage.run('redrive', '--queue', 'fetch');
    await expect
      .poll(async () => (await parked()).map(({ at }) => at > (first?.at ?? '')), SOON)
      .toEqual([true]);
  });

  it('quarantines a record that it cannot store, and stores it once it is corrected', async () => {
    const { data } = company.sandbox;
    const id = String(data.records('invites')[0]?.id);
    data.change('invites', id, { note: 'x'.repeat(410_000) });
    await syncOf('invites');
    expect(quarantined.parse(await stage.json('quarantine'))).toEqual([
      { key: expect.stringContaining(id), message: expect.stringMatching(/\w/) },
    ]);
    data.change('invites', id, { note: 'short' });
    await stage.run('quarantine', 'retry');
    expect(await stage.json('quarantine')).toEqual([]);
    expect(await stage.differences('invites')).toEqual([]);
  });

  it('removes for good what is gone at Autodesk when asked', async () => {
    const { data } = company.sandbox;
    const id = String(data.records('invites')[1]?.id);
    const ids = async () =>
      exportedLines(await stage.run('export', '--resource', 'invites', '--include-deleted')).map(
        (line) => line.id,
      );
    data.remove('invites', id);
    await syncOf('invites', '--full');
    expect(await ids()).toContain(id);
    await stage.run('purge', '--older-than-days', '0');
    expect(await ids()).not.toContain(id);
  });

  it('starts its daily sweep at the time that its settings say', async () => {
    await expect
      .poll(async () => {
        const run = await lastRunOf('users');
        return run?.mode === 'full' && run.status === 'complete' && run.startedAt >= sweepAt.toISOString();
      }, AFTER_THE_TICK)
      .toBe(true);
  });

  it('does nothing on AWS that its roles do not allow, and may do little that it did not do', async () => {
    const report = reportOn(await readDeployment(assembly.folder, stage.stacks), proxy.recorded());
    console.log(describeReport(report));
    expect(report.flatMap(({ denied }) => denied)).toEqual([]);
    expect(report.map(({ allowed }) => allowed.length > 0)).toEqual([true, true, true, true, true]);
    expect(report.flatMap(({ unused }) => unused.filter(({ reason }) => reason === undefined))).toEqual([]);
  });
});
