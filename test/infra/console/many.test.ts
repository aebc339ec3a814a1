import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { advance } from '../../../shared/alerts/incidents/transition.ts';
import { mapConcurrently } from '../../../shared/concurrency.ts';
import { type ConsoleOnFolder, consoleOnFolder } from './console-on-folder.ts';

const INCIDENTS = 5_000;
const TIMING = { waitMinutes: 0, remindAfterHours: 0 };
/** Ten times what docs/console.md says, for machines that are busy with other tests. */
const PATIENCE_MS = 1_500;

let page: ConsoleOnFolder;
beforeAll(async () => {
  page = await consoleOnFolder();
  const { incidents, clock } = page.stores;
  await mapConcurrently([...Array(INCIDENTS).keys()], 50, async (index) => {
    const finding = {
      rule: 'file-sync-failed' as const,
      subject: `pair-${index}`,
      projectId: `project-${index}`,
      error: 'The file is larger than 5 GB.',
      facts: {},
    };
    const opened = advance(undefined, finding, TIMING, clock.now() + index);
    if (opened !== undefined) await incidents.put(opened);
  });
  // Whoever comes first waits for the first reading.
  await page.get('/');
}, 60_000);
afterAll(() => page.close());

describe(`a console with ${INCIDENTS} incidents`, () => {
  it.each(['/', '/transfers', '/transfers?page=60', '/runs', '/timeline', '/operations'])(
    'answers %s soon, with a page of them',
    async (path) => {
      const startedMs = performance.now();
      const response = await page.get(path);
      const html = await response.text();
      const tookMs = performance.now() - startedMs;

      expect(response.status).toBe(200);
      expect(html.length).toBeLessThan(200_000);
      expect(tookMs).toBeLessThan(PATIENCE_MS);
      if (process.env.CONSOLE_FIGURES === '1') console.log(`${path} ${Math.round(tookMs)} ms`);
    },
  );
});
