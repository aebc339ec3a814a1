import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CloudFormationClient, DescribeStackResourcesCommand } from '@aws-sdk/client-cloudformation';
import { stackTemplate } from '../../infra/cdk/stack-template.ts';
import { ACCOUNT, REGION } from '../aws.ts';
import { AWS_CLIENT } from '../stage.ts';
import { Deployment } from './policies/deployment.ts';

/** What was deployed from an assembly, with the ids that CloudFormation gave. */
export async function readDeployment(assemblyFolder: string, stacks: readonly string[]): Promise<Deployment> {
  const cloudFormation = new CloudFormationClient(AWS_CLIENT);
  const deployed = await Promise.all(
    stacks.map(async (name) => {
      const text = await readFile(join(assemblyFolder, `${name}.template.json`), 'utf8');
      const { StackResources = [] } = await cloudFormation.send(
        new DescribeStackResourcesCommand({ StackName: name }),
      );
      const physicalIds = Object.fromEntries(
        StackResources.map(({ LogicalResourceId = '', PhysicalResourceId = '' }) => [
          LogicalResourceId,
          PhysicalResourceId,
        ]),
      );
      return { template: stackTemplate.parse(JSON.parse(text)), physicalIds };
    }),
  );
  cloudFormation.destroy();
  return new Deployment(deployed, { account: ACCOUNT, region: REGION, partition: 'aws' });
}
