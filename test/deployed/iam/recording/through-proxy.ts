import * as z from 'zod';

const template = z.looseObject({
  Resources: z.record(
    z.string(),
    z.looseObject({ Type: z.string(), Properties: z.looseObject({}).optional() }),
  ),
});
const environment = z
  .object({ Variables: z.record(z.string(), z.unknown()).default({}) })
  .default({ Variables: {} });
const reference = z.strictObject({ Ref: z.string() });

/**
 * A template whose functions send what they ask of AWS to a proxy, and say who they are. All by settings of the AWS
 * SDK: `AWS_ENDPOINT_URL`, which the emulator sets only where a function has none of its own, and
 * `AWS_SDK_UA_APP_ID`, which the user agent of each request then names. (The emulator's credentials are the same
 * for all functions, and its trace ids are of invocations.) Addresses of queues have to name the proxy, too, because
 * the SDK sends a message to the host of the queue's address, wherever the endpoint is.
 */
export function throughProxy(whole: unknown, proxyUrl: string): unknown {
  const { Resources, ...rest } = template.parse(whole);
  const isQueue = (id: string) => Resources[id]?.Type === 'AWS::SQS::Queue';
  const redirected = (value: unknown) => {
    const { success, data } = reference.safeParse(value);
    if (!success || !isQueue(data.Ref)) return value;
    const name = { 'Fn::GetAtt': [data.Ref, 'QueueName'] };
    return { 'Fn::Join': ['/', [proxyUrl, { Ref: 'AWS::AccountId' }, name]] };
  };
  const pointed = Object.entries(Resources).map(([id, resource]) => {
    if (resource.Type !== 'AWS::Lambda::Function') return [id, resource];
    const { Variables } = environment.parse(resource.Properties?.Environment);
    const own = Object.fromEntries(
      Object.entries(Variables).map(([name, value]) => [name, redirected(value)]),
    );
    const Environment = { Variables: { ...own, AWS_ENDPOINT_URL: proxyUrl, AWS_SDK_UA_APP_ID: id } };
    return [id, { ...resource, Properties: { ...resource.Properties, Environment } }];
  });
  return { ...rest, Resources: Object.fromEntries(pointed) };
}
