import * as z from 'zod';
import { type Deployment, type FoundResource, UnsupportedTemplateError } from './deployment.ts';
import { matchesWildcards } from './wildcards.ts';

export interface AccessRequest {
  action: string;
  /** An ARN, or `*` where the service knows no resources. */
  resource: string;
  /** Condition keys with their values. */
  context?: Readonly<Record<string, string>>;
}

interface Condition {
  operator: ConditionOperator;
  key: string;
  values: string[];
}

export interface Statement {
  effect: 'Allow' | 'Deny';
  actions: string[];
  resources: string[];
  conditions: Condition[];
}

const CONDITION_OPERATORS = {
  StringEquals: (wanted: string, found: string) => wanted === found,
  StringLike: matchesWildcards,
};
type ConditionOperator = keyof typeof CONDITION_OPERATORS;

const oneOrMore = z.unknown().transform((value) => (Array.isArray(value) ? value : [value]));

/** Strict, because what is not known (NotAction, NotResource, an operator) changes what a statement means. */
const statement = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(['Allow', 'Deny']),
  Action: z.union([z.string(), z.array(z.string())]).transform((action) => [action].flat()),
  Resource: oneOrMore,
  Condition: z
    .strictObject({
      StringEquals: z.record(z.string(), oneOrMore).optional(),
      StringLike: z.record(z.string(), oneOrMore).optional(),
    })
    .default({}),
});
const policyDocument = z.strictObject({ Version: z.literal('2012-10-17'), Statement: z.array(statement) });
const roleProperties = z.strictObject({
  AssumeRolePolicyDocument: z.unknown(),
  Description: z.unknown().optional(),
  ManagedPolicyArns: z.array(z.unknown()).default([]),
  Policies: z.array(z.object({ PolicyDocument: z.unknown() })).default([]),
  Tags: z.unknown().optional(),
});
const attachedPolicy = z.object({ PolicyDocument: z.unknown(), Roles: z.array(z.unknown()).default([]) });
const roleReference = z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) });

/** AWS's own policies that functions tend to get; as of the AWS Managed Policy Reference Guide. */
const AWS_MANAGED: Record<string, string[]> = {
  // https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSLambdaBasicExecutionRole.html
  'service-role/AWSLambdaBasicExecutionRole': [
    'logs:CreateLogGroup',
    'logs:CreateLogStream',
    'logs:PutLogEvents',
  ],
  // https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSXRayDaemonWriteAccess.html
  AWSXRayDaemonWriteAccess: [
    'xray:PutTraceSegments',
    'xray:PutTelemetryRecords',
    'xray:GetSamplingRules',
    'xray:GetSamplingTargets',
    'xray:GetSamplingStatisticSummaries',
  ],
};

/** Everything that the role of a function says. Throws `UnsupportedTemplateError` where that cannot be known. */
export function statementsOf(deployment: Deployment, lambda: FoundResource): Statement[] {
  const { stack } = lambda;
  const [roleId] = parsed(roleReference, lambda.properties.Role)['Fn::GetAtt'];
  const role = parsed(roleProperties, stack.template.Resources[roleId]?.Properties);
  const attached = deployment
    .resourcesOf('AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy')
    .map((policy) => ({ stack: policy.stack, ...parsed(attachedPolicy, policy.properties) }))
    .filter(({ Roles, ...policy }) =>
      Roles.some((found) => deployment.resolve(policy.stack, found) === stack.physicalIds[roleId]),
    );
  return [
    ...role.ManagedPolicyArns.flatMap((arn) => managedStatements(deployment.resolve(stack, arn))),
    ...role.Policies.flatMap(({ PolicyDocument }) => readDocument(deployment, stack, PolicyDocument)),
    ...attached.flatMap((policy) => readDocument(deployment, policy.stack, policy.PolicyDocument)),
  ];
}

function managedStatements(arn: string): Statement[] {
  const actions = AWS_MANAGED[arn.replace(/^arn:[^:]+:iam::aws:policy\//, '')];
  if (actions === undefined) throw new UnsupportedTemplateError(`What ${arn} allows is not known.`);
  return [{ effect: 'Allow', actions, resources: ['*'], conditions: [] }];
}

function readDocument(deployment: Deployment, stack: FoundResource['stack'], document: unknown): Statement[] {
  const resolve = (value: unknown) => {
    const text = deployment.resolve(stack, value);
    if (text.includes('${')) throw new UnsupportedTemplateError(`A policy variable in ${text}.`);
    return text;
  };
  return parsed(policyDocument, document).Statement.map(({ Effect, Action, Resource, Condition }) => ({
    effect: Effect,
    actions: Action,
    resources: Resource.map(resolve),
    conditions: (['StringEquals', 'StringLike'] as const).flatMap((operator) =>
      Object.entries(Condition[operator] ?? {}).map(([key, values]) => ({
        operator,
        key,
        values: values.map(resolve),
      })),
    ),
  }));
}

function parsed<T>(schema: z.ZodType<T>, value: unknown): T {
  const { success, data, error } = schema.safeParse(value);
  if (success) return data;
  throw new UnsupportedTemplateError(`${z.prettifyError(error)} in ${JSON.stringify(value)}`, {
    cause: error,
  });
}

/** As IAM decides within one account: what is denied anywhere is denied, and what nothing allows is, too. */
export function evaluate(statements: readonly Statement[], request: AccessRequest): 'allowed' | 'denied' {
  for (const { effect, conditions } of statements) {
    const unknown = conditions.find(({ key }) => request.context?.[key] === undefined);
    if (effect === 'Deny' && unknown !== undefined) {
      throw new UnsupportedTemplateError(`Whether ${unknown.key} denies ${request.action} is not known.`);
    }
  }
  const effects = statements.filter((each) => covers(each, request)).map(({ effect }) => effect);
  return effects.includes('Allow') && !effects.includes('Deny') ? 'allowed' : 'denied';
}

/** Whether a statement speaks of a request. */
export function covers(
  { actions, resources, conditions }: Statement,
  { action, resource, context = {} }: AccessRequest,
): boolean {
  return (
    // Actions are compared without regard to case, ARNs are not.
    actions.some((pattern) => matchesWildcards(pattern.toLowerCase(), action.toLowerCase())) &&
    resources.some((pattern) => matchesWildcards(pattern, resource)) &&
    conditions.every(({ operator, key, values }) => {
      const found = context[key];
      return found !== undefined && values.some((value) => CONDITION_OPERATORS[operator](value, found));
    })
  );
}
