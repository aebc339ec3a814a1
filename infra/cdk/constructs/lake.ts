import { Aws, Duration, type RemovalPolicy, Stack } from 'aws-cdk-lib';
import { CfnWorkGroup } from 'aws-cdk-lib/aws-athena';
import { Database } from 'aws-cdk-lib/aws-glue';
import { ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { CfnBucket } from 'aws-cdk-lib/aws-s3';
import { Construct, type IConstruct } from 'constructs';
import { REPLACED_TAG, TABLES_PREFIX } from '../../../shared/lake/glue-lake.ts';
import { acknowledge } from './acknowledge.ts';
import { PrivateBucket } from './private-bucket.ts';

/** Athena takes 5 dollars for 1 TB, so that no query costs more than 5 cents. Past it, Athena cancels a query. */
const SCANNED_BYTES_A_QUERY = 10_000_000_000;
const RESULTS_PREFIX = 'results/';
/** What Athena calls the tables of Glue. */
const CATALOG = 'AwsDataCatalog';

export interface LakeProps {
  /** Of the stage; a Glue database is named after it, with `_` for what Glue does not take. */
  stage: string;
  prefix: string;
  encryptionKey: IKey;
  removalPolicy: RemovalPolicy;
}

/**
 * Where the tables for SQL are: files in a bucket, a database that names them, a workgroup of Athena that asks them, and
 * what an analyst may do. The tables of the database are made by the publish function; CloudFormation does not know them.
 */
export class Lake extends Construct {
  readonly bucket: PrivateBucket;
  readonly databaseName: string;
  readonly workgroupName: string;
  readonly analystPolicy: ManagedPolicy;
  readonly #encryptionKey: IKey;

  constructor(scope: Construct, id: string, props: LakeProps) {
    super(scope, id);
    this.#encryptionKey = props.encryptionKey;
    this.bucket = new PrivateBucket(this, 'Bucket', {
      encryptionKey: props.encryptionKey,
      removalPolicy: props.removalPolicy,
      lifecycleRules: [
        {
          id: 'replaced-files',
          prefix: TABLES_PREFIX,
          tagFilters: { [REPLACED_TAG.Key]: REPLACED_TAG.Value },
          expiration: Duration.days(1),
        },
        { id: 'query-results', prefix: RESULTS_PREFIX, expiration: Duration.days(7) },
      ],
    });
    this.databaseName = `buildingconnected_${props.stage.replaceAll('-', '_')}`;
    new Database(this, 'Database', {
      databaseName: this.databaseName,
      description: `What buildingconnected-sync mirrors, stage ${props.stage}`,
      removalPolicy: props.removalPolicy,
    });
    this.workgroupName = this.#workgroup(props).name;
    this.analystPolicy = this.#policyOfAnalysts();
  }

  /** The catalog, the database and its tables: IAM wants all three for what is done with a table. */
  get tableArns(): string[] {
    return [
      this.#glueArn('catalog'),
      this.#glueArn('database', this.databaseName),
      this.#glueArn('table', `${this.databaseName}/*`),
    ];
  }

  /** Accepts what cdk-nag says of a policy about the files and tables of the lake. `bucket`: as it names the bucket's ARN. */
  acknowledgeWildcards(policy: IConstruct, bucket: string, prefixes: readonly string[]): void {
    for (const prefix of prefixes) {
      acknowledge(
        policy,
        `AwsSolutions-IAM5[Resource::${bucket}/${prefix}*]`,
        'Files have names that nobody knows before; the prefix is the most that can be said.',
      );
    }
    acknowledge(
      policy,
      `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:glue:<AWS::Region>:<AWS::AccountId>:table/${this.databaseName}/*]`,
      'The tables are those of this database, whichever lists the stage mirrors.',
    );
  }

  #workgroup({ prefix, stage, encryptionKey }: LakeProps): CfnWorkGroup {
    return new CfnWorkGroup(this, 'Workgroup', {
      name: prefix,
      description: `Questions about what buildingconnected-sync mirrors, stage ${stage}`,
      // It holds nothing but who asked what; with that in it, it could not be deleted.
      recursiveDeleteOption: true,
      workGroupConfiguration: {
        enforceWorkGroupConfiguration: true,
        bytesScannedCutoffPerQuery: SCANNED_BYTES_A_QUERY,
        publishCloudWatchMetricsEnabled: true,
        resultConfiguration: {
          outputLocation: this.bucket.s3UrlForObject(RESULTS_PREFIX),
          expectedBucketOwner: Aws.ACCOUNT_ID,
          encryptionConfiguration: { encryptionOption: 'SSE_KMS', kmsKey: encryptionKey.keyArn },
        },
      },
    });
  }

  /** To ask, in this workgroup, what this database has. */
  #policyOfAnalysts(): ManagedPolicy {
    const { bucket } = this;
    const athena = (resource: string, resourceName: string) =>
      Stack.of(this).formatArn({ service: 'athena', resource, resourceName });
    const tables = bucket.arnForObjects(`${TABLES_PREFIX}*`);
    const results = bucket.arnForObjects(`${RESULTS_PREFIX}*`);
    const policy = new ManagedPolicy(this, 'Analyst', {
      description: 'Asks the lake of buildingconnected-sync by Athena',
      statements: [
        new PolicyStatement({
          actions: [
            'athena:BatchGetQueryExecution',
            'athena:GetQueryExecution',
            'athena:GetQueryResults',
            'athena:GetQueryResultsStream',
            'athena:GetWorkGroup',
            'athena:ListQueryExecutions',
            'athena:StartQueryExecution',
            'athena:StopQueryExecution',
          ],
          resources: [athena('workgroup', this.workgroupName)],
        }),
        new PolicyStatement({
          // How drivers see which tables there are; what they see is limited by Glue's part below.
          actions: ['athena:GetTableMetadata', 'athena:ListDatabases', 'athena:ListTableMetadata'],
          resources: [athena('datacatalog', CATALOG)],
        }),
        new PolicyStatement({
          actions: ['glue:GetDatabase', 'glue:GetTable', 'glue:GetTables'],
          resources: this.tableArns,
        }),
        new PolicyStatement({
          // Athena looks at it whatever the query is about.
          actions: ['glue:GetDatabase'],
          resources: [this.#glueArn('database', 'default')],
        }),
        new PolicyStatement({ actions: ['s3:GetObject'], resources: [tables, results] }),
        new PolicyStatement({
          actions: ['s3:AbortMultipartUpload', 's3:ListMultipartUploadParts', 's3:PutObject'],
          resources: [results],
        }),
        new PolicyStatement({
          actions: ['s3:ListBucket'],
          resources: [bucket.bucketArn],
          conditions: { StringLike: { 's3:prefix': [`${TABLES_PREFIX}*`, `${RESULTS_PREFIX}*`] } },
        }),
        new PolicyStatement({
          actions: ['s3:GetBucketLocation', 's3:ListBucketMultipartUploads'],
          resources: [bucket.bucketArn],
        }),
        new PolicyStatement({
          actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
          resources: [this.#encryptionKey.keyArn],
          conditions: { StringEquals: { 'kms:ViaService': `s3.${Aws.REGION}.amazonaws.com` } },
        }),
      ],
    });
    const bucketId = Stack.of(this).getLogicalId(this.#bucketResource());
    this.acknowledgeWildcards(policy, `<${bucketId}.Arn>`, [TABLES_PREFIX, RESULTS_PREFIX]);
    return policy;
  }

  #bucketResource(): CfnBucket {
    const resource = this.bucket.node.defaultChild;
    if (!(resource instanceof CfnBucket)) throw new Error(`${this.node.path} has no bucket.`);
    return resource;
  }

  #glueArn(resource: string, resourceName?: string): string {
    return Stack.of(this).formatArn({
      service: 'glue',
      resource,
      ...(resourceName === undefined ? {} : { resourceName }),
    });
  }
}
