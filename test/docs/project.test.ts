import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const workflow = readFileSync('.github/workflows/ci.yml', 'utf8');

it('the workflow uses actions of one exact commit each, and no secret', () => {
  const used = [...workflow.matchAll(/uses: (\S+)/g)].map(([, action]) => action);
  expect(used.length).toBeGreaterThan(0);
  for (const action of used) expect(action).toMatch(/@[0-9a-f]{40}$/);
  expect(workflow).not.toContain('secrets.');
});

it('the workflow runs what CI runs', () => {
  expect(workflow).toContain('run: .ci/run');
});

it('npm run sbom prints the bill of materials and nothing else', () => {
  const printed = execFileSync('npm', ['run', '--silent', 'sbom'], { encoding: 'utf8' });
  expect(JSON.parse(printed)).toMatchObject({
    bomFormat: 'CycloneDX',
    components: expect.arrayContaining([expect.objectContaining({ name: 'zod' })]),
  });
});
