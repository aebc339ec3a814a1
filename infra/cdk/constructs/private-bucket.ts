import { Duration, type RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption, type LifecycleRule } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import * as z from 'zod';
import { acknowledge } from './acknowledge.ts';

export interface PrivateBucketProps {
  encryptionKey: IKey;
  /** With `DESTROY` the bucket has to be empty when its stack is deleted; nothing here deletes files. */
  removalPolicy: RemovalPolicy;
  /** Uploads that were never completed are dropped after a day, whatever stands here. */
  lifecycleRules?: readonly LifecycleRule[];
}

/** A bucket that nobody sees: no public access, encrypted with the key of the stage, through TLS only. */
export class PrivateBucket extends Bucket {
  constructor(scope: Construct, id: string, props: PrivateBucketProps) {
    super(scope, id, {
      encryption: BucketEncryption.KMS,
      encryptionKey: props.encryptionKey,
      // Without it, each object costs a request to KMS.
      bucketKeyEnabled: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      removalPolicy: props.removalPolicy,
      lifecycleRules: [
        { id: 'incomplete-uploads', abortIncompleteMultipartUploadAfter: Duration.days(1) },
        ...(props.lifecycleRules ?? []),
      ],
    });
    acknowledge(
      this,
      'AwsSolutions-S1',
      'Only functions of the stage and roles of the account reach it, and CloudTrail can record them. A log of each request would need a second bucket.',
    );
  }

  /** The name of the export by which other stacks get its ARN: cdk-nag names a finding by it. */
  exportedArn(): string {
    const stack = Stack.of(this);
    const { 'Fn::ImportValue': name } = z
      .object({ 'Fn::ImportValue': z.string() })
      .parse(stack.resolve(stack.exportValue(this.bucketArn)));
    return name;
  }
}
