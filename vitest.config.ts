import { defineConfig } from 'vitest/config';

/**
 * Whole processes, a browser, Java, Python: half a minute a file and more, or more than npm. `npm run test:end-to-end`,
 * and CI, run them.
 */
const END_TO_END = [
  'test/end-to-end/**/*.test.ts',
  'test/browser/**/*.test.ts',
  'test/redaction/**/*.test.ts',
  'test/bench/ratios.test.ts',
  'test/contract/dynamodb-local.test.ts',
  'test/infra/cdk/scanners.test.ts',
  'test/infra/cdk/shipped.test.ts',
  'test/simulation/sabotage.test.ts',
];

/** An app deployed to an AWS emulator. `npm run test:deployed` starts that and these. */
const DEPLOYED = ['test/deployed/*.test.ts'];

const common = {
  testTimeout: 30_000,
  hookTimeout: 30_000,
  unstubGlobals: true,
  // Tests of one file that wait side by side start processes, which two processors have to run.
  maxConcurrency: 3,
  // What Node warns of today breaks tomorrow; the processes that tests start are started with it, too.
  execArgv: ['--throw-deprecation'],
};

export default defineConfig({
  test: {
    // Vitest would leave one of two processors to itself, which has little to do.
    maxWorkers: 2,
    // Files share what they import; a test that stands in for something shared puts it back.
    isolate: false,
    projects: [
      {
        test: {
          ...common,
          name: 'fast',
          include: ['test/**/*.test.ts'],
          exclude: [...END_TO_END, ...DEPLOYED],
        },
      },
      { test: { ...common, name: 'end-to-end', include: END_TO_END } },
      { test: { ...common, name: 'deployed', include: DEPLOYED } },
    ],
  },
});
