import { defineConfig } from 'vitest/config';

// .ci/run counts from the JSON report; on a terminal the default reporter is all there is.
const report = process.env.UNIT_REPORT;

// biome-ignore lint/style/noDefaultExport: vitest reads its settings from the default export.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    maxWorkers: 2,
    reporters: report ? ['default', ['json', { outputFile: report }]] : ['default'],
  },
});
