import { readFile, writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { alertsDocument } from '../support/alerts/document.ts';
import { analyticsDocument } from './analytics.ts';
import { openApiDocument } from './openapi.ts';
import { resourcesDocument } from './resources.ts';
import { schemaFiles, typesFile } from './schemas.ts';

it.each<[path: string, what: string, make: () => string | Promise<string>]>([
  ['docs/alerts.md', 'what is sent', alertsDocument],
  ['docs/analytics.md', 'what can be asked in SQL', analyticsDocument],
  ['docs/resources.md', 'which lists are mirrored, and how', resourcesDocument],
  ['docs/openapi.json', 'what the endpoints take and answer', openApiDocument],
  ['schemas/types.d.ts', 'the types of records', typesFile],
  ...[...schemaFiles()].map(([path, text]): [string, string, () => string] => [
    path,
    'what a record looks like',
    () => text,
  ]),
])('%s shows %s (UPDATE_DOCS=1 rewrites it)', async (path, _what, make) => {
  const file = new URL(`../../${path}`, import.meta.url);
  const document = await make();
  if (process.env.UPDATE_DOCS === '1') await writeFile(file, document);

  expect(await readFile(file, 'utf8')).toBe(document);
});
