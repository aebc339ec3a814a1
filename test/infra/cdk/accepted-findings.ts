/** A finding of a scanner that is right to have, on these resources, with the reason. */
export interface AcceptedFinding {
  check: string;
  resourceType: string;
  /** Logical ids, in case that not every resource of the type is meant. */
  resources?: RegExp;
  reason: string;
}

/** The one list of what cfn-lint and checkov find and we keep. Rules of cdk-nag are acknowledged in the constructs. */
export const ACCEPTED_FINDINGS: readonly AcceptedFinding[] = [
  {
    check: 'W3005',
    resourceType: 'AWS::Lambda::Function',
    reason: 'CDK states the dependency on the role beside the reference to it. Said twice, it does no harm.',
  },
  {
    check: 'CKV_AWS_115',
    resourceType: 'AWS::Lambda::Function',
    reason:
      'Reserved concurrency is taken from the account, and a new account has none to give. The event sources limit worker and alert, the throttle of the API limits the others.',
  },
  {
    check: 'CKV_AWS_116',
    resourceType: 'AWS::Lambda::Function',
    resources: /^(Worker|Alert)/,
    reason: 'They are only started by their queues, which have dead letters. Lambda would never use another.',
  },
  {
    check: 'CKV_AWS_116',
    resourceType: 'AWS::Lambda::Function',
    resources: /^Slack/,
    reason: 'It is only started by requests that wait for its answer: whoever clicked sees that it failed.',
  },
  {
    check: 'CKV_AWS_117',
    resourceType: 'AWS::Lambda::Function',
    reason:
      'They call Autodesk and Slack on the internet and AWS by IAM. A network of their own would protect nothing and need a gateway.',
  },
  {
    check: 'CKV_AWS_173',
    resourceType: 'AWS::Lambda::Function',
    reason:
      'The variables hold names, addresses and limits, never a secret. Lambda encrypts them with its own key.',
  },
  {
    check: 'CKV_AWS_18',
    resourceType: 'AWS::S3::Bucket',
    reason:
      'Only functions of the stage and roles of the account reach it, and CloudTrail can record them. A log of each request would need a second bucket.',
  },
  {
    check: 'CKV_AWS_21',
    resourceType: 'AWS::S3::Bucket',
    reason: 'No file is ever written twice with another content, and files that expire have to be gone.',
  },
  {
    check: 'CKV_AWS_158',
    resourceType: 'AWS::Logs::LogGroup',
    reason:
      'Logs hold ids only, encrypted with the key of CloudWatch. With ours, no log could be read after the stage has been removed.',
  },
];
