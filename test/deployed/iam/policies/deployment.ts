import * as z from 'zod';
import type { StackTemplate, TemplateResource } from '../../../infra/cdk/stack-template.ts';

/** A stack as it was deployed: `physicalIds` by logical id, as CloudFormation's DescribeStackResources says. */
export interface DeployedStack {
  template: StackTemplate;
  physicalIds: Readonly<Record<string, string>>;
}

interface Place {
  account: string;
  region: string;
  partition: string;
}

export interface FoundResource {
  stack: DeployedStack;
  logicalId: string;
  properties: TemplateResource['Properties'];
}

/** The template holds something that is not evaluated here: to be taught, because a guess would prove nothing. */
export class UnsupportedTemplateError extends Error {
  override readonly name = 'UnsupportedTemplateError';
}

const SECRET = 'AWS::SecretsManager::Secret';

const attribute = z.tuple([z.string(), z.string()]);
const intrinsic = z.union([
  z.string(),
  z.strictObject({ Ref: z.string() }),
  z.strictObject({ 'Fn::GetAtt': attribute }),
  z.strictObject({ 'Fn::Join': z.tuple([z.string(), z.array(z.unknown())]) }),
  z.strictObject({ 'Fn::Sub': z.string() }),
  z.strictObject({ 'Fn::ImportValue': z.unknown() }),
]);
const namedExport = z.object({ Name: z.string() });

/** Stacks that refer to each other, with everything that their templates leave open filled in. */
export class Deployment {
  readonly #stacks: readonly DeployedStack[];
  readonly #place: Place;

  constructor(stacks: readonly DeployedStack[], place: Place) {
    this.#stacks = stacks;
    this.#place = place;
  }

  get region(): string {
    return this.#place.region;
  }

  resourcesOf(...types: string[]): FoundResource[] {
    return this.#stacks.flatMap((stack) =>
      Object.entries(stack.template.Resources)
        .filter(([, { Type }]) => types.includes(Type))
        .map(([logicalId, { Properties }]) => ({ stack, logicalId, properties: Properties })),
    );
  }

  arnOf({ stack, logicalId }: FoundResource): string {
    return this.#arn(stack, logicalId);
  }

  /** The text that a value of a template stands for. */
  resolve(stack: DeployedStack, value: unknown): string {
    const { success, data } = intrinsic.safeParse(value);
    if (!success) throw new UnsupportedTemplateError(`No way to resolve ${JSON.stringify(value)}.`);
    if (typeof data === 'string') return data;
    if ('Ref' in data) return this.#reference(stack, data.Ref);
    if ('Fn::GetAtt' in data) return this.#attribute(stack, ...data['Fn::GetAtt']);
    if ('Fn::Join' in data) {
      const [separator, parts] = data['Fn::Join'];
      return parts.map((part) => this.resolve(stack, part)).join(separator);
    }
    if ('Fn::Sub' in data) {
      return data['Fn::Sub'].replace(/\$\{([^}]*)\}/g, (_, name: string) => {
        const [id = '', ...rest] = name.split('.');
        return rest.length === 0 ? this.#reference(stack, id) : this.#attribute(stack, id, rest.join('.'));
      });
    }
    return this.#imported(this.resolve(stack, data['Fn::ImportValue']));
  }

  #imported(name: string): string {
    for (const stack of this.#stacks) {
      for (const { Value, Export } of Object.values(stack.template.Outputs)) {
        if (namedExport.safeParse(Export).data?.Name === name) return this.resolve(stack, Value);
      }
    }
    throw new UnsupportedTemplateError(`No stack exports ${name}.`);
  }

  #reference(stack: DeployedStack, id: string): string {
    const { account, region, partition } = this.#place;
    if (id === 'AWS::AccountId') return account;
    if (id === 'AWS::Region') return region;
    if (id === 'AWS::Partition') return partition;
    const physicalId = stack.physicalIds[id];
    if (physicalId === undefined) throw new UnsupportedTemplateError(`${id} has no physical id.`);
    // AWS knows a secret by its ARN; the emulator by its name.
    if (stack.template.Resources[id]?.Type === SECRET) return this.#arn(stack, id);
    return physicalId;
  }

  #attribute(stack: DeployedStack, id: string, name: string): string {
    if (name === 'Arn' || name === 'TopicArn') return this.#arn(stack, id);
    throw new UnsupportedTemplateError(`No way to know ${name} of ${id}.`);
  }

  #arn(stack: DeployedStack, id: string): string {
    const physicalId = stack.physicalIds[id];
    if (physicalId === undefined) throw new UnsupportedTemplateError(`${id} has no physical id.`);
    // As topics are known.
    if (physicalId.startsWith('arn:')) return physicalId;
    const { account, region, partition } = this.#place;
    const here = (service: string, resource: string) =>
      `arn:${partition}:${service}:${region}:${account}:${resource}`;
    switch (stack.template.Resources[id]?.Type) {
      case 'AWS::DynamoDB::Table':
        return here('dynamodb', `table/${physicalId}`);
      case 'AWS::S3::Bucket':
        return `arn:${partition}:s3:::${physicalId}`;
      case 'AWS::KMS::Key':
        return here('kms', `key/${physicalId}`);
      case 'AWS::Logs::LogGroup':
        return here('logs', `log-group:${physicalId}:*`);
      case SECRET:
        return here('secretsmanager', `secret:${physicalId}`);
      case 'AWS::SQS::Queue':
        // Its id is its URL.
        return here('sqs', physicalId.slice(physicalId.lastIndexOf('/') + 1));
      default:
        throw new UnsupportedTemplateError(`No way to know the ARN of ${id}.`);
    }
  }
}
