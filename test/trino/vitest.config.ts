import { defineConfig } from 'vitest/config';

/** Runs the suite on Trino. Its files run one after another, because they share one server. */
export default defineConfig({
  test: {
    include: ['test/trino/*.test.ts'],
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
