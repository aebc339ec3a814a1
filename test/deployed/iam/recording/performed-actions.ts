import * as z from 'zod';
import type { AccessRequest } from '../policies/policies.ts';

/** `caller` is the logical id of the function. */
export interface PerformedAction extends AccessRequest {
  caller: string;
}

export interface SeenRequest {
  method: string;
  /** Path and query. */
  path: string;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: string;
}

/** Where a request has a name in place of an ARN, it is of here. */
interface Home {
  account: string;
  partition: string;
}

/** As IAM calls what an operation needs, where that is not the operation's own name. */
const SQS_ACTIONS: Record<string, string> = {
  SendMessageBatch: 'SendMessage',
  DeleteMessageBatch: 'DeleteMessage',
  ChangeMessageVisibilityBatch: 'ChangeMessageVisibility',
};
const OBJECT_METHODS: Record<string, string> = { GET: 'GetObject', PUT: 'PutObject', DELETE: 'DeleteObject' };
const TRANSACTION_ACTIONS = {
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'ConditionCheckItem',
  Get: 'GetItem',
} as const;

const onTable = z.object({ TableName: z.string() });
const tableRequest = z.union([
  z.object({ TableName: z.string(), IndexName: z.string().optional() }),
  z.object({ RequestItems: z.record(z.string(), z.unknown()) }),
  z.object({
    TransactItems: z.array(
      z.partialRecord(z.enum(['Put', 'Update', 'Delete', 'ConditionCheck', 'Get']), onTable),
    ),
  }),
]);
const queueRequest = z.object({ QueueUrl: z.string() });
const secretRequest = z.object({ SecretId: z.string() });
const glueRequest = z
  .object({
    DatabaseName: z.string(),
    Name: z.string().optional(),
    TableInput: z.object({ Name: z.string() }).optional(),
  })
  .transform(({ DatabaseName: database, Name, TableInput }) => ({
    database,
    table: Name ?? TableInput?.Name,
  }));
const topicRequest = z.object({ Action: z.string(), TopicArn: z.string() });

/**
 * What the role of a caller must allow for a request to AWS. A request that is not understood becomes the action
 * `unknown:...`, which no role allows.
 */
export function actionsOf(request: SeenRequest, home: Home): AccessRequest[] {
  const target = String(request.headers['x-amz-target'] ?? '');
  const [service = '', operation = ''] = target.split('.');
  const here = (name: string, resource: string) =>
    `arn:${home.partition}:${name}:${scopeOf(request).region}:${home.account}:${resource}`;
  const tableArn = (name: string) => (name.startsWith('arn:') ? name : here('dynamodb', `table/${name}`));
  try {
    switch (service) {
      case 'DynamoDB_20120810':
        return tableActions(operation, request.body, tableArn);
      case 'AmazonSQS': {
        const { QueueUrl } = queueRequest.parse(JSON.parse(request.body));
        const resource = here('sqs', QueueUrl.slice(QueueUrl.lastIndexOf('/') + 1));
        return [{ action: `sqs:${SQS_ACTIONS[operation] ?? operation}`, resource }];
      }
      case 'secretsmanager': {
        const { SecretId } = secretRequest.parse(JSON.parse(request.body));
        return [
          {
            action: `secretsmanager:${operation}`,
            resource: SecretId.startsWith('arn:') ? SecretId : here('secretsmanager', `secret:${SecretId}`),
          },
        ];
      }
      case 'AWSGlue': {
        const { database, table } = glueRequest.parse(JSON.parse(request.body));
        const of = [
          'catalog',
          `database/${database}`,
          ...(table === undefined ? [] : [`table/${database}/${table}`]),
          // Whoever lists tables has to be allowed all of them.
          ...(operation === 'GetTables' ? [`table/${database}/*`] : []),
        ];
        return of.map((resource) => ({ action: `glue:${operation}`, resource: here('glue', resource) }));
      }
      case '': {
        if (scopeOf(request).service === 's3') return [bucketAction(request, home)];
        const form = Object.fromEntries(new URLSearchParams(request.body));
        const { Action, TopicArn } = topicRequest.parse(form);
        return [{ action: `sns:${Action}`, resource: TopicArn }];
      }
    }
  } catch (error) {
    if (!(error instanceof z.ZodError || error instanceof SyntaxError)) throw error;
  }
  return [{ action: `unknown:${target || 'request'}`, resource: '*' }];
}

/** With the bucket in the path, as requests to a numeric address have it. */
function bucketAction({ method, path }: SeenRequest, { partition }: Home): AccessRequest {
  const { pathname, searchParams } = new URL(path, 'http://s3');
  const [, bucket = '', ...key] = pathname.split('/').map(decodeURIComponent);
  const arn = `arn:${partition}:s3:::${bucket}`;
  if (key.join('/') === '') {
    const isListing = method === 'GET' && searchParams.get('list-type') === '2';
    const context = { 's3:prefix': searchParams.get('prefix') ?? '' };
    return { action: isListing ? 's3:ListBucket' : `unknown:${method} bucket`, resource: arn, context };
  }
  const object = `${arn}/${key.join('/')}`;
  const operation = searchParams.get('x-id') ?? '';
  // All steps of an upload in parts but the last resort take the permission to put the object.
  const isUpload = method === 'POST' || searchParams.has('uploadId');
  if (isUpload) {
    return { action: method === 'DELETE' ? 's3:AbortMultipartUpload' : 's3:PutObject', resource: object };
  }
  const action = searchParams.has('tagging') ? `${OBJECT_METHODS[method]}Tagging` : OBJECT_METHODS[method];
  return {
    action: operation === '' || operation === action ? `s3:${action}` : `unknown:${operation}`,
    resource: object,
  };
}

function tableActions(operation: string, body: string, tableArn: (name: string) => string): AccessRequest[] {
  const request = tableRequest.parse(JSON.parse(body));
  if ('TransactItems' in request) {
    return request.TransactItems.flatMap((item) =>
      Object.entries(TRANSACTION_ACTIONS).flatMap(([kind, action]) => {
        const { TableName } = Object.entries(item).find(([name]) => name === kind)?.[1] ?? {};
        return TableName === undefined
          ? []
          : [{ action: `dynamodb:${action}`, resource: tableArn(TableName) }];
      }),
    );
  }
  const action = `dynamodb:${operation}`;
  if ('RequestItems' in request) {
    return Object.keys(request.RequestItems).map((name) => ({ action, resource: tableArn(name) }));
  }
  const index = request.IndexName === undefined ? '' : `/index/${request.IndexName}`;
  return [{ action, resource: `${tableArn(request.TableName)}${index}` }];
}

/** `Credential=<key>/<date>/<region>/<service>/aws4_request` is where a request says it. */
function scopeOf({ headers }: SeenRequest): { region: string; service: string } {
  const scope = /Credential=[^/]*\/\d+\/([^/]+)\/([^/]+)\//.exec(String(headers.authorization));
  const [, region = 'unknown', service = 'unknown'] = scope ?? [];
  return { region, service };
}

/**
 * The application id in the user agent, without what libraries add to it: a logical id has letters and digits only.
 * `unknown` where there is none.
 */
export function callerOf({ headers }: Pick<SeenRequest, 'headers'>): string {
  return /(?:^|\s)app\/(?!PT-)([A-Za-z0-9]+)/.exec(String(headers['user-agent']))?.[1] ?? 'unknown';
}
