import { readFile, writeFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

/** UPDATE_DOCS=1 takes it anew. Fonts differ between machines, so that only its being there is compared. */
export async function takePicture(page: Page, name: string, { fullPage = true } = {}): Promise<void> {
  const file = new URL(`../../docs/images/${name}`, import.meta.url);
  const picture = await page.screenshot({ fullPage, animations: 'disabled' });
  if (process.env.UPDATE_DOCS === '1') await writeFile(file, picture);
  const kept = await readFile(file);
  expect(kept.readUInt32BE(16)).toBe(picture.readUInt32BE(16));
  expect(kept.length).toBeGreaterThan(10_000);
}
