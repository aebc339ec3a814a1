import * as z from 'zod';
import type { AccessRequest } from '../policies/policies.ts';

/** `caller` is the logical id of the function. */
export interface PerformedAction extends AccessRequest {
  caller: string;
}

export interface SeenRequest {
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
const topicRequest = z.object({ Action: z.string(), TopicArn: z.string() });

/**
 * What the role of a caller must allow for a request to AWS. A request that is not understood becomes the action
 * `unknown:...`, which no role allows.
 */
export function actionsOf(request: SeenRequest, home: Home): AccessRequest[] {
  const target = String(request.headers['x-amz-target'] ?? '');
  const [service = '', operation = ''] = target.split('.');
  const here = (name: string, resource: string) =>
    `arn:${home.partition}:${name}:${regionOf(request)}:${home.account}:${resource}`;
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
      case '': {
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
function regionOf({ headers }: SeenRequest): string {
  return /Credential=[^/]*\/\d+\/([^/]+)\//.exec(String(headers.authorization))?.[1] ?? 'unknown';
}

/**
 * The application id in the user agent, without what libraries add to it: a logical id has letters and digits only.
 * `unknown` where there is none.
 */
export function callerOf({ headers }: SeenRequest): string {
  return /(?:^|\s)app\/(?!PT-)([A-Za-z0-9]+)/.exec(String(headers['user-agent']))?.[1] ?? 'unknown';
}
