import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { fieldPolicyOf, readStages } from '../../infra/cdk/settings/stages.ts';
import { loadConfiguration } from '../../shared/configuration.ts';
import { fieldPolicyText } from '../../shared/privacy/field-policy.ts';
import { RECORD_SCHEMAS } from '../../shared/resources/schemas/schemas.ts';

const text = readFileSync(new URL('../../docs/security.md', import.meta.url), 'utf8');
const section = text.slice(text.indexOf('## Personal data'), text.indexOf('## Least privilege'));
const blockOf = (language: string) =>
  new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 's').exec(section)?.[1] ?? '';
const rows = [...section.matchAll(/^\| `([a-z-]+)` \|(.*)\|$/gm)].map(([, list = '', cells = '']) => ({
  list,
  fields: [...cells.matchAll(/`([^`]+)`/g)].map(([, field = '']) => field),
}));

const policyIn = (environment: Record<string, string | undefined>) =>
  loadConfiguration(z.object({ FIELD_POLICY: fieldPolicyText }), environment).FIELD_POLICY;

/** The part of a JSON schema that describes what stands at a path. */
const node: z.ZodType<Node> = z.lazy(() =>
  z.looseObject({
    properties: z.record(z.string(), node).optional(),
    items: node.optional(),
    anyOf: z.array(node).optional(),
  }),
);
interface Node {
  properties?: Record<string, Node> | undefined;
  items?: Node | undefined;
  anyOf?: Node[] | undefined;
}

function isThere(schema: Node | undefined, [name, ...rest]: readonly string[]): boolean {
  if (name === undefined) return true;
  if (schema === undefined) return false;
  const { properties, items, anyOf = [] } = schema;
  if (properties?.[name] !== undefined) return isThere(properties[name], rest);
  return [items, ...anyOf].some((inner) => isThere(inner, [name, ...rest]));
}

it('the personal fields of security.md are fields of their lists', () => {
  expect(rows.length).toBeGreaterThan(10);
  const unknown = rows.flatMap(({ list, fields }) => {
    const schema = node.parse(z.toJSONSchema(RECORD_SCHEMAS[list]?.schema ?? z.object({}), { io: 'input' }));
    return fields.filter((field) => !isThere(schema, field.split('.'))).map((field) => `${list} ${field}`);
  });
  expect(unknown).toEqual([]);
});

it('all of them can be hashed or dropped', () => {
  for (const treatment of ['drop', 'hash']) {
    const policy = Object.fromEntries(
      rows.map(({ list, fields }) => [list, Object.fromEntries(fields.map((field) => [field, treatment]))]),
    );
    expect(policyIn({ FIELD_POLICY: JSON.stringify(policy) })).toEqual(policy);
  }
});

it('the examples of security.md are settings that are taken', () => {
  const stages: unknown = JSON.parse(blockOf('json'));
  const [settings] = [...readStages(stages).values()];
  expect(settings && Object.keys(fieldPolicyOf(settings))).toEqual(['invites', 'bids', 'users']);
  expect(policyIn(parseEnv(blockOf('ini')))).toMatchObject({
    invites: { email: 'hash', phoneNumber: 'drop' },
  });
});
