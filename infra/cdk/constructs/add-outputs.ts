import { CfnOutput } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** Outputs under exactly these keys. */
export function addOutputs(stack: Construct, outputs: Record<string, string>): void {
  for (const [key, value] of Object.entries(outputs)) new CfnOutput(stack, key, { value });
}
