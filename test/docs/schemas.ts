import { compile } from 'json-schema-to-typescript';
import * as z from 'zod';
import { findNested, requireResource } from '../../shared/resources/registry.ts';
import { RECORD_SCHEMAS } from '../../shared/resources/schemas/schemas.ts';

type JsonSchema = Parameters<typeof compile>[0];

/** Each list's JSON schema by the path of its file. */
export function schemaFiles(): Map<string, string> {
  return new Map(
    Object.keys(RECORD_SCHEMAS).map((list) => [
      `schemas/${list}.schema.json`,
      `${JSON.stringify(jsonSchemaOf(list), null, 2)}\n`,
    ]),
  );
}

/** schemas/types.d.ts: a type for the records of each list. */
export async function typesFile(): Promise<string> {
  const types: string[] = [];
  for (const list of Object.keys(RECORD_SCHEMAS)) {
    const schema: JsonSchema = JSON.parse(JSON.stringify(jsonSchemaOf(list)));
    const text = await compile(schema, RECORD_SCHEMAS[list]?.type ?? list, {
      bannerComment: '',
      format: true,
      style: { singleQuote: true, printWidth: 110 },
    });
    types.push(text.trim());
  }
  return `${BANNER}\n${types.join('\n\n')}\n`;
}

const BANNER = `// Generated from shared/resources/schemas (\`UPDATE_DOCS=1 npx vitest run test/docs\`): what \`data\` holds in a record of each list.
`;

function jsonSchemaOf(list: string) {
  const { schema, type } = RECORD_SCHEMAS[list] ?? {};
  if (schema === undefined) throw new TypeError(`There is no schema for ${list}.`);
  const nested = findNested(list);
  const about = nested
    ? `An element of \`${nested.list.field}\` in a record of \`${nested.parent.name}\`.`
    : `A record of \`${list}\`: ${requireResource(list).about}.`;
  const { $schema, ...rest } = z.toJSONSchema(schema, { target: 'draft-2020-12', io: 'input' });
  return { $schema, title: type, description: about, ...rest };
}
