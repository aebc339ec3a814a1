import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { StackTemplate } from '../../infra/cdk/stack-template.ts';
import { EXPECTED_UNUSED, isExpected } from './expected-unused.ts';
import { deployedStage } from './policies/deployed-stage.ts';
import type { PerformedAction } from './recording/performed-actions.ts';
import { describeReport, type FunctionReport, reportOn } from './report.ts';

const HERE = 'us-east-1:000000000000';
const KEY = `arn:aws:kms:${HERE}:key/Key`;

/** The function's logical id has a hash that nobody has to know. */
function callerOf(name: string): string {
  const found = deployedStage()
    .resourcesOf('AWS::Lambda::Function')
    .find(({ logicalId }) => logicalId.startsWith(`${name}Function`));
  return found?.logicalId ?? name;
}

const WORKER = callerOf('Worker');
const put: PerformedAction = {
  caller: WORKER,
  action: 'dynamodb:PutItem',
  resource: `arn:aws:dynamodb:${HERE}:table/Records`,
};
const refresh: PerformedAction = {
  caller: WORKER,
  action: 'secretsmanager:PutSecretValue',
  resource: `arn:aws:secretsmanager:${HERE}:secret:Token-a1b2c3`,
};
const wake: PerformedAction = {
  caller: WORKER,
  action: 'sqs:SendMessage',
  resource: `arn:aws:sqs:${HERE}:AlertQueue`,
};
const RECORDED = [put, refresh, wake];

const statements = z.array(z.looseObject({ Action: z.union([z.string(), z.array(z.string())]) }));
const policy = z.object({ PolicyDocument: z.object({ Statement: statements }) });

/** Changes the statements of a role. */
function withRole(name: string, change: (all: z.infer<typeof statements>) => unknown[]) {
  return (sync: StackTemplate) => {
    for (const [id, resource] of Object.entries(sync.Resources)) {
      if (!id.startsWith(`${name}RoleDefaultPolicy`)) continue;
      const { PolicyDocument } = policy.parse(resource.Properties);
      const Statement = change(PolicyDocument.Statement);
      resource.Properties = { ...resource.Properties, PolicyDocument: { Version: '2012-10-17', Statement } };
    }
  };
}

/** Takes one action out of each statement of a role that has it. */
function without(action: string, role = 'Worker') {
  return withRole(role, (all) =>
    all.map(({ Action, ...rest }) => ({
      ...rest,
      Action: [Action].flat().filter((allowed) => allowed !== action),
    })),
  );
}

function deniedIn(reports: readonly FunctionReport[]): string[] {
  return reports.flatMap(({ caller, denied }) =>
    denied.map(({ action, resource }) => `${caller} ${action} ${resource}`),
  );
}

function of(reports: readonly FunctionReport[], wanted: string): FunctionReport {
  const found = reports.find(({ caller }) => caller === wanted);
  if (found === undefined) throw new Error(`No report on ${wanted}.`);
  return found;
}

describe('what functions did, held against their roles', () => {
  it('is allowed, with what AWS does for them', () => {
    const reports = reportOn(deployedStage(), RECORDED);
    expect(deniedIn(reports)).toEqual([]);
    expect(reports).toHaveLength(5);
    const { allowed } = of(reports, WORKER);
    expect(allowed).toEqual(expect.arrayContaining(RECORDED));
    expect(new Set(allowed.map(({ action }) => action))).toEqual(
      new Set([
        ...RECORDED.map(({ action }) => action),
        'kms:Decrypt',
        'kms:GenerateDataKey',
        'logs:CreateLogStream',
        'logs:PutLogEvents',
        'sqs:DeleteMessage',
        'sqs:GetQueueAttributes',
        'sqs:ReceiveMessage',
        'xray:PutTelemetryRecords',
        'xray:PutTraceSegments',
      ]),
    );
  });

  const WORK_QUEUES = ['FetchQueue', 'FetchQueueUrgent'].map((name) => `arn:aws:sqs:${HERE}:${name}`);

  it.each([
    ['dynamodb:PutItem', [put.resource]],
    ['secretsmanager:PutSecretValue', [refresh.resource]],
    ['sqs:SendMessage', [wake.resource]],
    ['sqs:ReceiveMessage', WORK_QUEUES],
    ['sqs:GetQueueAttributes', WORK_QUEUES],
    ['kms:GenerateDataKey', [KEY, KEY]],
    ['kms:Decrypt', [KEY, KEY, KEY]],
    ['logs:PutLogEvents', [`arn:aws:logs:${HERE}:log-group:WorkerLogs:log-stream:any`]],
    ['xray:PutTraceSegments', ['*']],
  ])('shows the gap of a role without %s', (action, resources) => {
    const reports = reportOn(deployedStage(without(action)), RECORDED);
    expect(deniedIn(reports)).toEqual(resources.map((resource) => `${WORKER} ${action} ${resource}`));
  });

  it('shows the gap of a role that could not keep an event that failed', () => {
    const reports = reportOn(deployedStage(without('sqs:SendMessage', 'Intake')), []);
    expect(deniedIn(reports)).toEqual([
      `${callerOf('Intake')} sqs:SendMessage arn:aws:sqs:${HERE}:SchedulesDeadLetters`,
    ]);
  });

  it('needs the key of a table for its indexes, too', () => {
    const query = { ...put, action: 'dynamodb:Query', resource: `${put.resource}/index/attention` };
    const reports = reportOn(deployedStage(without('kms:Decrypt')), [query]);
    expect(of(reports, WORKER).denied).toContainEqual({
      caller: WORKER,
      action: 'kms:Decrypt',
      resource: KEY,
      context: { 'kms:ViaService': 'dynamodb.us-east-1.amazonaws.com' },
    });
  });

  it('needs the key of a bucket for its files', () => {
    const caller = callerOf('Publish');
    const write = { caller, action: 's3:PutObject', resource: 'arn:aws:s3:::LakeBucket/tables/invites/1' };
    expect(deniedIn(reportOn(deployedStage(), [write]))).toEqual([]);
    const keyless = deployedStage(without('kms:GenerateDataKey', 'Publish'));
    expect(deniedIn(reportOn(keyless, [write]))).toEqual([`${caller} kms:GenerateDataKey ${KEY}`]);
  });

  it('does not list a denial as unused', () => {
    const deny = { Effect: 'Deny', Action: 'sqs:DeleteQueue', Resource: '*' };
    const reports = reportOn(deployedStage(withRole('Worker', (all) => [...all, deny])), RECORDED);
    expect(of(reports, WORKER).unused.map(({ action }) => action)).not.toContain('sqs:DeleteQueue');
  });

  it('is denied to a caller that is no function of the stage', () => {
    const reports = reportOn(deployedStage(), [{ ...put, caller: 'unknown' }]);
    expect(deniedIn(reports)).toEqual([
      `unknown dynamodb:PutItem ${put.resource}`,
      `unknown kms:Decrypt ${KEY}`,
    ]);
  });

  it('lists what no run used, and no more', () => {
    const unused = (recorded: readonly PerformedAction[]) =>
      of(reportOn(deployedStage(), recorded), WORKER).unused.map(
        ({ action, resource, conditions }) => `${action} ${resource}${conditions}`,
      );
    const before = unused([wake, refresh]);
    const used = [
      `dynamodb:PutItem ${put.resource}`,
      `kms:Decrypt ${KEY} where kms:ViaService is dynamodb.us-east-1.amazonaws.com`,
    ];
    expect(before).toEqual(expect.arrayContaining(used));
    expect(unused(RECORDED)).toEqual(before.filter((permission) => !used.includes(permission)));
    expect(before).not.toContain(`sqs:ReceiveMessage arn:aws:sqs:${HERE}:FetchQueue`);
  });

  it('gives the reason for what is seldom used, and for nothing else', () => {
    const { unused } = of(reportOn(deployedStage(), RECORDED), WORKER);
    const reasons = new Map(unused.map(({ action, resource, reason }) => [`${action} ${resource}`, reason]));
    const read = (name: string) =>
      `secretsmanager:GetSecretValue arn:aws:secretsmanager:${HERE}:secret:${name}-a1b2c3`;
    expect(reasons.get(read('Connection'))).toContain('to renew the access token');
    expect(reasons.has(read('Token'))).toBe(true);
    expect(reasons.get(read('Token'))).toBeUndefined();
  });

  it('has no reason for a permission that no role has', () => {
    const unused = reportOn(
      deployedStage(() => {}, 'full'),
      [],
    ).flatMap((report) => report.unused);
    const stale = EXPECTED_UNUSED.filter((expected) => !unused.some((each) => isExpected(expected, each)));
    expect(stale).toEqual([]);
  });

  it('is told to people with what is denied', () => {
    const text = describeReport(reportOn(deployedStage(without('dynamodb:PutItem')), RECORDED));
    expect(text).toContain(`denied  dynamodb:PutItem on ${put.resource}`);
  });
});
