import { readFile, writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { alertsDocument } from '../../support/alerts/document.ts';

const DOCUMENT = new URL('../../../docs/alerts.md', import.meta.url);

it('docs/alerts.md shows what is sent (UPDATE_DOCS=1 rewrites it)', async () => {
  const document = alertsDocument();
  if (process.env.UPDATE_DOCS === '1') await writeFile(DOCUMENT, document);

  expect(await readFile(DOCUMENT, 'utf8')).toBe(document);
});
