interface ExpectedUnused {
  /** What the logical id of the function begins with. */
  caller: RegExp;
  action: RegExp;
  /** Of the resource and what its use depends on. */
  on: RegExp;
  reason: string;
}

/** What functions are allowed and seldom or invisibly do. What is missing here and unused is too much of a role. */
export const EXPECTED_UNUSED: readonly ExpectedUnused[] = [
  {
    caller: /^/,
    action:
      /^kms:(DescribeKey|Encrypt|GenerateDataKey|GenerateDataKeyWithoutPlaintext|ReEncryptFrom|ReEncryptTo)$/,
    on: /where kms:ViaService is dynamodb\./,
    reason:
      "DynamoDB's guide asks for it where the customer has the key of a table; no request shows its use",
  },
  {
    caller: /^Worker/,
    action: /^secretsmanager:GetSecretValue$/,
    on: /Connection/,
    reason: 'only to renew the access token, an hour after the sign-in',
  },
  {
    caller: /^Worker/,
    action: /^secretsmanager:PutSecretValue$/,
    on: /Token/,
    reason: 'only to renew the access token, an hour after the sign-in',
  },
  {
    caller: /^Worker/,
    action: /^secretsmanager:PutSecretValue$/,
    on: /Management/,
    reason:
      'only for the daily look at webhooks, an hour after the management sign-in: it stores the one that takes its place',
  },
  {
    caller: /^Worker/,
    action: /^kms:GenerateDataKey$/,
    on: /where kms:ViaService is secretsmanager\./,
    reason: 'only to renew the access token, an hour after the sign-in',
  },
  {
    caller: /^Worker/,
    action: /^dynamodb:DeleteItem$/,
    on: /Records/,
    reason: 'only for the scheduled purge, and where a form has fewer line items than before',
  },
  {
    caller: /^Worker/,
    action: /^dynamodb:DeleteItem$/,
    on: /State/,
    reason: 'only where a run could store what an earlier one has quarantined',
  },
  {
    caller: /^Worker/,
    action: /^s3:AbortMultipartUpload$/,
    on: /Extracts|extracts/,
    reason:
      'only where a file of an extract could not be stored, or has another length when its landing goes on',
  },
  {
    caller: /^Worker/,
    action: /^s3:ListBucket$/,
    on: /Extracts|extracts/,
    reason: 'no request shows its use: with it, S3 answers 404 where a file is missing, and not 403',
  },
  {
    caller: /^Worker/,
    action: /^s3:GetObject$/,
    on: /Extracts|extracts/,
    reason: 'only where a landing goes on: it looks whether a file that is noted as done is there',
  },
  {
    caller: /^Worker/,
    action: /^kms:Decrypt$/,
    on: /where kms:ViaService is s3\./,
    reason:
      'S3 takes it to put the parts of an upload together, which no request shows; and where a landing goes on',
  },
  {
    caller: /^Intake/,
    action: /^sqs:SendMessage$/,
    on: /FetchQueueUrgent/,
    reason: 'only when the schedule of an urgent list comes, or the tick takes up a run of one',
  },
  {
    caller: /^Alert/,
    action: /^sqs:SendMessage$/,
    on: /AlertQueueDeadLetters/,
    reason: 'only for an alert message that cannot be read',
  },
  {
    caller: /^Alert/,
    action: /^kms:GenerateDataKey$/,
    on: /where kms:ViaService is sqs\./,
    reason: 'only for an alert message that cannot be read',
  },
  {
    caller: /^Alert/,
    action: /^dynamodb:BatchGetItem$/,
    on: /Records/,
    reason: 'only where a Data Connector job has failed: reads all jobs',
  },
  {
    caller: /^Alert/,
    action: /^dynamodb:Query$/,
    on: /Records.*\/index\/by-update/,
    reason: 'only where a Data Connector job has failed: reads all jobs',
  },
  {
    caller: /^Publish/,
    action: /^s3:PutObjectTagging$/,
    on: /\/tables\/\*$/,
    reason: 'only for files that were replaced a day ago or longer',
  },
];

export interface Unused {
  caller: string;
  action: string;
  resource: string;
  /** As text, beginning with a space; empty where there are none. */
  conditions: string;
}

export function isExpected(
  expected: ExpectedUnused,
  { caller, action, resource, conditions }: Unused,
): boolean {
  return (
    expected.caller.test(caller) &&
    expected.action.test(action) &&
    expected.on.test(`${resource}${conditions}`)
  );
}

/** Why a permission went unused; undefined where nobody has said so. */
export function reasonFor(unused: Unused): string | undefined {
  return EXPECTED_UNUSED.find((expected) => isExpected(expected, unused))?.reason;
}
