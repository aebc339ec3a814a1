import type { RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { CfnSecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';

export interface StoredSecretProps {
  description: string;
  encryptionKey: IKey;
  removalPolicy: RemovalPolicy;
  /**
   * `none`: without a value until one is stored, so that no deployment can ever overwrite it.
   * `token`: JSON `{"current": "<43 letters and digits>"}`, which is 256 bits, made when the secret is created.
   */
  firstValue: 'none' | 'token';
  /** Who replaces the value, since AWS does not do it on a schedule. */
  rotation: string;
}

export class StoredSecret extends Secret {
  constructor(scope: Construct, id: string, props: StoredSecretProps) {
    super(scope, id, {
      description: props.description,
      encryptionKey: props.encryptionKey,
      removalPolicy: props.removalPolicy,
      ...(props.firstValue === 'token'
        ? {
            generateSecretString: {
              secretStringTemplate: '{}',
              generateStringKey: 'current',
              passwordLength: 43,
              excludePunctuation: true,
            },
          }
        : {}),
    });
    if (props.firstValue === 'none') this.#withoutValue();
    acknowledge(this, 'AwsSolutions-SMG4', props.rotation);
  }

  /** The construct generates a value where none is given; CloudFormation itself does not. */
  #withoutValue(): void {
    const resource = this.node.defaultChild;
    if (!(resource instanceof CfnSecret)) throw new Error(`${this.node.path} has no secret to change.`);
    resource.generateSecretString = undefined;
  }
}
