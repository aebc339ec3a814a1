import AxeBuilder from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { expect, it } from 'vitest';

const SOON = { timeout: 45_000 };
const VIEWS = [
  '',
  'transfers',
  'runs',
  'timeline',
  'records?q=elm',
  'query?saved=response-rate',
  'operations',
  'doctor',
];

/** What the console is to whoever only looks, the same on a data folder and on a stage. */
export function testReading(given: {
  browser: () => Browser;
  page: () => Page;
  /** Of the console, with a slash at its end. */
  url: () => string;
  /** A part of the name of a project. */
  projectName: () => string;
}): void {
  const { browser, page, url, projectName } = given;

  it('finds a record by its name, and shows it as it was sent', async () => {
    await page().goto(`${url()}records`);
    await page().getByRole('searchbox').fill(projectName());
    await page().keyboard.press('Enter');
    await page().locator('main table a').first().click();
    await expect.poll(() => page().locator('pre').innerText(), SOON).toContain('"id"');
  });

  it('is used with the keyboard alone', async () => {
    await page().goto(url());
    const focused = () => page().evaluate<string>('document.activeElement.textContent');
    await page().keyboard.press('Tab');
    expect(await focused()).toBe('Skip to content');
    for (let presses = 0; presses < 2; presses += 1) await page().keyboard.press('Tab');
    expect(await focused()).toBe('Transfers');
    await page().keyboard.press('Enter');
    await expect.poll(() => page().locator('h1').innerText(), SOON).toBe('Transfers');
  });

  it('is read without scripts', async () => {
    const plain = await browser().newContext({ javaScriptEnabled: false });
    const still = await plain.newPage();
    await still.goto(url());
    expect(await still.locator('main').innerText()).toContain('opportunity-project-pairs');
    await plain.close();
  });

  it.each(VIEWS.flatMap((view) => (['light', 'dark'] as const).map((scheme) => [view, scheme] as const)))(
    'has nothing at /%s in %s that a person with a disability cannot use',
    async (view, colorScheme) => {
      await page().emulateMedia({ colorScheme });
      await page().goto(`${url()}${view}`);
      const { violations } = await new AxeBuilder({ page: page() }).analyze();
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
    },
  );

  it.each(VIEWS)('fits on a phone: /%s', async (view) => {
    await page().setViewportSize({ width: 390, height: 800 });
    await page().goto(`${url()}${view}`);
    const width = await page().evaluate<number>('document.documentElement.scrollWidth');
    expect(width).toBeLessThanOrEqual(390);
  });
}
