import { configDefaults, defineConfig } from 'vitest/config';

// .ci/run counts from the JSON report; on a terminal the default reporter is all there is.
const report = process.env.UNIT_REPORT;

/**
 * Rooms whose tests keep nothing in their process: one process runs file after file, and loads the
 * compiler, the engine and zod once. All others have a process for each file.
 */
const sharing = [
  'api',
  'asl',
  'callback',
  'check',
  'conformance',
  'docs',
  'engine',
  'payload',
  'run',
  'workflow',
].map((room) => `test/${room}/**/*.test.ts`);

// biome-ignore lint/style/noDefaultExport: vitest reads its settings from the default export.
export default defineConfig({
  test: {
    testTimeout: 30_000,
    maxWorkers: 2,
    projects: [
      { extends: true, test: { name: 'sharing', include: sharing, isolate: false } },
      {
        extends: true,
        test: {
          name: 'apart',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...sharing],
        },
      },
    ],
    reporters: report ? ['default', ['json', { outputFile: report }]] : ['default'],
  },
});
