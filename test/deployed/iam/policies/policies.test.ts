import { describe, expect, it } from 'vitest';
import type { StackTemplate } from '../../../infra/cdk/stack-template.ts';
import { deployedStage } from './deployed-stage.ts';
import { Deployment, UnsupportedTemplateError } from './deployment.ts';
import { type AccessRequest, evaluate, statementsOf } from './policies.ts';

const WORKER = /^WorkerFunction[0-9A-F]{8}$/;
const RECORDS = 'arn:aws:dynamodb:us-east-1:000000000000:table/Records';
const FETCH_QUEUE = 'arn:aws:sqs:us-east-1:000000000000:FetchQueue';
const KEY = 'arn:aws:kms:us-east-1:000000000000:key/Key';

function decide(deployment: Deployment, request: AccessRequest, lambda = WORKER) {
  const found = deployment
    .resourcesOf('AWS::Lambda::Function')
    .find(({ logicalId }) => lambda.test(logicalId));
  if (found === undefined) throw new Error(`No function ${lambda}.`);
  return evaluate(statementsOf(deployment, found), request);
}

/** A function whose role says nothing but this. */
function withRole(role: Record<string, unknown>) {
  const template: StackTemplate = {
    Resources: {
      Lambda: { Type: 'AWS::Lambda::Function', Properties: { Role: { 'Fn::GetAtt': ['Role', 'Arn'] } } },
      Role: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: {}, ...role } },
    },
    Outputs: {},
  };
  return new Deployment([{ template, physicalIds: { Role: 'role' } }], {
    account: '000000000000',
    region: 'us-east-1',
    partition: 'aws',
  });
}

function withStatements(...Statement: unknown[]) {
  return withRole({ Policies: [{ PolicyDocument: { Version: '2012-10-17', Statement } }] });
}

const decideAny = (deployment: Deployment, request: AccessRequest) => decide(deployment, request, /./);
/** What `Fn::Sub` fills in. */
const open = (name: string) => `$\{AWS::${name}}`;
const send = { action: 'sqs:SendMessage', resource: FETCH_QUEUE };
const allowAll = { Effect: 'Allow', Action: '*', Resource: '*' };

describe('the role of a function', () => {
  it.each([
    ['dynamodb:PutItem', RECORDS, 'allowed'],
    ['dynamodb:Query', `${RECORDS}/index/by-update`, 'allowed'],
    ['dynamodb:Query', `${RECORDS}/index/another`, 'denied'],
    ['dynamodb:Scan', RECORDS, 'denied'],
    ['sqs:SendMessage', FETCH_QUEUE, 'allowed'],
    ['sqs:SendMessage', 'arn:aws:sqs:us-east-1:000000000000:SchedulesDeadLetters', 'denied'],
    [
      'secretsmanager:PutSecretValue',
      'arn:aws:secretsmanager:us-east-1:000000000000:secret:Token-a1b2c3',
      'allowed',
    ],
    [
      'secretsmanager:GetSecretValue',
      'arn:aws:secretsmanager:us-east-1:000000000000:secret:Slack-a1b2c3',
      'denied',
    ],
    ['logs:PutLogEvents', 'arn:aws:logs:us-east-1:000000000000:log-group:WorkerLogs:log-stream:x', 'allowed'],
    ['xray:PutTraceSegments', '*', 'allowed'],
  ])('of the worker: %s on %s is %s', (action, resource, decision) => {
    expect(decide(deployedStage(), { action, resource })).toBe(decision);
  });

  it.each([
    ['s3:PutObject', '/tables/invites/1/0.parquet', {}, 'allowed'],
    ['s3:PutObject', '/results/1.csv', {}, 'denied'],
    ['s3:GetObject', '/tables/invites/1/0.parquet', {}, 'denied'],
    ['s3:ListBucket', '', { 's3:prefix': 'tables/invites/' }, 'allowed'],
    ['s3:ListBucket', '', { 's3:prefix': '' }, 'denied'],
  ])('of publish: %s on %j with %j is %s', (action, file, context, decision) => {
    const resource = `arn:aws:s3:::LakeBucket${file}`;
    expect(decide(deployedStage(), { action, resource, context }, /^PublishFunction/)).toBe(decision);
  });

  it('lets a key be used through its service only', () => {
    const through = (service: string) => ({ 'kms:ViaService': `${service}.us-east-1.amazonaws.com` });
    const decrypt = { action: 'kms:Decrypt', resource: KEY };
    expect(decide(deployedStage(), { ...decrypt, context: through('sqs') })).toBe('allowed');
    expect(decide(deployedStage(), { ...decrypt, context: through('sns') })).toBe('denied');
    expect(decide(deployedStage(), decrypt)).toBe('denied');
  });

  it('denies what is allowed and denied, and what nobody speaks of', () => {
    const deny = { Effect: 'Deny', Action: 'sqs:*', Resource: FETCH_QUEUE };
    expect(decideAny(withStatements(allowAll), send)).toBe('allowed');
    expect(decideAny(withStatements(allowAll, deny), send)).toBe('denied');
    expect(decideAny(withStatements(deny, allowAll), send)).toBe('denied');
    expect(decideAny(withStatements(), send)).toBe('denied');
  });

  it('compares actions without regard to case, and resources with it', () => {
    const deployment = withStatements({ Effect: 'Allow', Action: 'SQS:sendmessage', Resource: FETCH_QUEUE });
    expect(decideAny(deployment, send)).toBe('allowed');
    expect(decideAny(deployment, { ...send, resource: FETCH_QUEUE.toUpperCase() })).toBe('denied');
  });

  it("knows AWS's own policies for logs and traces", () => {
    const managed = (name: string) => ({
      'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:iam::aws:policy/${name}`]],
    });
    const deployment = withRole({
      ManagedPolicyArns: [
        managed('service-role/AWSLambdaBasicExecutionRole'),
        managed('AWSXRayDaemonWriteAccess'),
      ],
    });
    expect(decideAny(deployment, { action: 'logs:PutLogEvents', resource: 'arn:x' })).toBe('allowed');
    expect(decideAny(deployment, { action: 'xray:PutTraceSegments', resource: '*' })).toBe('allowed');
    expect(decideAny(deployment, send)).toBe('denied');
  });

  it('evaluates conditions on a likeness, and fills in what a template leaves open', () => {
    const deployment = withStatements({
      ...allowAll,
      Resource: { 'Fn::Sub': `arn:${open('Partition')}:sqs:${open('Region')}:${open('AccountId')}:*` },
      Condition: { StringLike: { 'aws:PrincipalTag/team': 'est*' } },
    });
    const of = (team: string) => ({ ...send, context: { 'aws:PrincipalTag/team': team } });
    expect(decideAny(deployment, of('estimating'))).toBe('allowed');
    expect(decideAny(deployment, of('sales'))).toBe('denied');
  });

  it.each<[string, Record<string, unknown>]>([
    ['NotAction', { Effect: 'Allow', NotAction: 'sqs:*', Resource: '*' }],
    ['NotResource', { Effect: 'Allow', Action: '*', NotResource: FETCH_QUEUE }],
    [
      'another kind of condition',
      { ...allowAll, Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } },
    ],
    ['a principal', { ...allowAll, Principal: '*' }],
    ['a policy variable', { ...allowAll, Resource: `${FETCH_QUEUE}/$\{aws:username}` }],
    ['an intrinsic that it does not know', { ...allowAll, Resource: { 'Fn::Select': [0, ['a']] } }],
    ['an attribute that it does not know', { ...allowAll, Resource: { 'Fn::GetAtt': ['Role', 'RoleId'] } }],
    ['what was not deployed', { ...allowAll, Resource: { Ref: 'Nobody' } }],
    ['what no stack exports', { ...allowAll, Resource: { 'Fn::ImportValue': 'nothing' } }],
    [
      'a denial that depends on what is not known',
      { ...allowAll, Effect: 'Deny', Condition: { StringEquals: { 'aws:SourceAccount': '1' } } },
    ],
  ])('is not guessed where it holds %s', (_, statement) => {
    expect(() => decideAny(withStatements(statement), send)).toThrow(UnsupportedTemplateError);
  });

  it('is not guessed where it has a boundary or an unknown managed policy', () => {
    expect(() => decideAny(withRole({ PermissionsBoundary: 'arn:x' }), send)).toThrow(
      UnsupportedTemplateError,
    );
    const managed = { ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess'] };
    expect(() => decideAny(withRole(managed), send)).toThrow(UnsupportedTemplateError);
  });
});
