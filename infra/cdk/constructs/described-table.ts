import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, ProjectionType, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import type { TableDescription } from '../../../shared/dynamodb/tables.ts';

export interface DescribedTableProps {
  description: TableDescription;
  encryptionKey: IKey;
  removalPolicy: RemovalPolicy;
  timeToLiveAttribute?: string;
}

/** A table made from the description that the local stack uses too: on demand, encrypted, with 35 days of backups. */
export class DescribedTable extends Table {
  readonly #indexes: ReadonlySet<string>;

  constructor(scope: Construct, id: string, props: DescribedTableProps) {
    const { description } = props;
    super(scope, id, {
      partitionKey: { name: description.partitionKey, type: AttributeType.STRING },
      sortKey: { name: description.sortKey, type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.CUSTOMER_MANAGED,
      encryptionKey: props.encryptionKey,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true, recoveryPeriodInDays: 35 },
      deletionProtection: props.removalPolicy === RemovalPolicy.RETAIN,
      removalPolicy: props.removalPolicy,
      ...(props.timeToLiveAttribute === undefined ? {} : { timeToLiveAttribute: props.timeToLiveAttribute }),
    });
    for (const index of description.indexes) {
      this.addGlobalSecondaryIndex({
        indexName: index.name,
        partitionKey: { name: index.partitionKey, type: AttributeType.STRING },
        sortKey: { name: index.sortKey, type: AttributeType.STRING },
        ...(index.include.length === 0
          ? { projectionType: ProjectionType.KEYS_ONLY }
          : { projectionType: ProjectionType.INCLUDE, nonKeyAttributes: [...index.include] }),
      });
    }
    this.#indexes = new Set(description.indexes.map(({ name }) => name));
  }

  /** Of one index, because a permission on `index/*` would hold for indexes nobody has thought of yet. */
  indexArn(name: string): string {
    if (!this.#indexes.has(name)) throw new Error(`${this.node.path} has no index ${name}.`);
    return `${this.tableArn}/index/${name}`;
  }
}
