import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type DynamoRequest,
  type RunningDynalite,
  startDynalite,
} from '../../../infra/local/engines/dynalite.ts';

let engine: RunningDynalite;
beforeAll(async () => {
  engine = await startDynalite();
});
afterAll(() => engine.stop());

async function overConnection({ target, body }: DynamoRequest) {
  const response = await fetch(engine.endpoint, {
    method: 'POST',
    headers: { 'x-amz-target': target, 'content-type': 'application/x-amz-json-1.0' },
    body,
  });
  return { statusCode: response.status, body: await response.text() };
}

const WAYS = [
  { way: 'directly', ask: (request: DynamoRequest) => engine.answer(request) },
  { way: 'over a connection', ask: overConnection },
];

describe.each(WAYS)('the embedded DynamoDB, asked $way', ({ ask }) => {
  it.each([
    ['an operation that it has not', 'DynamoDB_20120810.ExecuteStatement', '{}', 'UnknownOperationException'],
    ['what is no JSON', 'DynamoDB_20120810.GetItem', '{"TableName":', 'SerializationException'],
    ['what is no request', 'DynamoDB_20120810.GetItem', 'null', 'SerializationException'],
    [
      'a table that does not exist',
      'DynamoDB_20120810.GetItem',
      '{"TableName":"Nothing","Key":{"pk":{"S":"a"}}}',
      'ResourceNotFoundException',
    ],
    [
      'an expression that it cannot read',
      'DynamoDB_20120810.PutItem',
      '{"TableName":"Nothing","Item":{"pk":{"S":"a"}},"ConditionExpression":"pk is nice"}',
      'ValidationException',
    ],
  ])('refuses %s as DynamoDB does, and goes on', async (_what, target, body, reason) => {
    const answer = await ask({ target, body });
    expect(answer.statusCode).toBe(400);
    expect(JSON.parse(answer.body).__type).toContain(reason);
    const tables = await ask({ target: 'DynamoDB_20120810.ListTables', body: '{}' });
    expect(tables).toEqual({ statusCode: 200, body: '{"TableNames":[]}' });
  });
});
