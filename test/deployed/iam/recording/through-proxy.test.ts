import { expect, it } from 'vitest';
import { throughProxy } from './through-proxy.ts';

it('tells each function of a template where the proxy is and who it is, and leaves the rest', () => {
  const queue = { Type: 'AWS::SQS::Queue' };
  const variables = { FETCH_QUEUE_URL: { Ref: 'Fetch' }, TABLE: { Ref: 'Table' }, STAGE: 'dev' };
  const lambda = (Variables: unknown) => ({
    Type: 'AWS::Lambda::Function',
    Properties: { Timeout: 3, Environment: { Variables } },
  });
  const whole = {
    Description: 'a stage',
    Resources: { Fetch: queue, Worker: lambda(variables), Bare: { Type: 'AWS::Lambda::Function' } },
  };
  const url = 'http://127.0.0.1:4000';
  const said = (caller: string) => ({ AWS_ENDPOINT_URL: url, AWS_SDK_UA_APP_ID: caller });
  expect(throughProxy(whole, url)).toEqual({
    Description: 'a stage',
    Resources: {
      Fetch: queue,
      Worker: lambda({
        ...variables,
        FETCH_QUEUE_URL: {
          'Fn::Join': ['/', [url, { Ref: 'AWS::AccountId' }, { 'Fn::GetAtt': ['Fetch', 'QueueName'] }]],
        },
        ...said('Worker'),
      }),
      Bare: { Type: 'AWS::Lambda::Function', Properties: { Environment: { Variables: said('Bare') } } },
    },
  });
});
