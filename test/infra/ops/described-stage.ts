import { type CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import type { AwsClientStub } from 'aws-sdk-client-mock';

/** The outputs of a stage, of both of its stacks. */
export const OUTPUTS = {
  RecordsTable: 'records',
  StateTable: 'state',
  FetchQueueUrl: 'https://sqs.test/fetch',
  UrgentQueueUrl: 'https://sqs.test/urgent',
  FetchDeadLettersUrl: 'https://sqs.test/fetch-dead',
  AlertQueueUrl: 'https://sqs.test/alert.fifo',
  AlertDeadLettersUrl: 'https://sqs.test/alert-dead.fifo',
  AlertsTopicArn: 'arn:topic:alerts',
  OperationsTopicArn: 'arn:topic:operations',
  ConnectionSecretArn: 'arn:secret:connection',
  TokenSecretArn: 'arn:secret:token',
  ManagementTokenSecretArn: 'arn:secret:management',
  CallbackSecretArn: 'arn:secret:callback',
  WebhookSecretArn: 'arn:secret:webhook',
  WebhookUrl: 'https://api.test/webhooks/autodesk',
  SlackSecretArn: 'arn:secret:slack',
  SlackSigningSecretArn: 'arn:secret:slack-signing',
  FieldSecretArn: 'arn:secret:field',
  LakeDatabase: 'buildingconnected_prod',
  LakeWorkgroup: 'buildingconnected-sync-prod',
  SlackActionsUrl: 'https://api.test/slack/actions',
  CallbackUrlBase: 'https://api.test/callbacks/data-connector/',
  AutodeskBaseUrl: 'https://developer.api.autodesk.com',
  AccountIds: 'a1,a2',
  EnabledResources: 'invites',
  PurgeDeletedAfterDays: '730',
};
/** Has CloudFormation know the stage `prod`, some of the outputs being of its data stack. */
export function describeStage(
  cloudFormation: AwsClientStub<CloudFormationClient>,
  outputs: Record<string, string>,
): void {
  const all = Object.entries(outputs).map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue }));
  const stack = (Outputs: typeof all) => ({
    Stacks: [{ StackName: 's', CreationTime: new Date(0), StackStatus: 'CREATE_COMPLETE' as const, Outputs }],
  });
  cloudFormation
    .on(DescribeStacksCommand, { StackName: 'buildingconnected-sync-prod-data' })
    .resolves(stack(all.slice(0, 2)))
    .on(DescribeStacksCommand, { StackName: 'buildingconnected-sync-prod' })
    .resolves(stack(all.slice(2)));
}
