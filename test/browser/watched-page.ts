import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterEach, beforeEach, expect } from 'vitest';

/** Opens a page before each test, and after it fails what the browser complained of: scripts that fail, and what the policy forbids. */
export function useWatchedPage(browser: () => Browser): () => Page {
  let context: BrowserContext;
  let page: Page;
  const complaints: string[] = [];
  beforeEach(async () => {
    context = await browser().newContext({ viewport: { width: 1200, height: 800 }, colorScheme: 'light' });
    page = await context.newPage();
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
  });
  afterEach(async () => {
    await context.close();
    expect(complaints.splice(0)).toEqual([]);
  });
  return () => page;
}
