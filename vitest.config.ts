import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const SLOW = 'test/**/*.slow.test.ts';

/**
 * A test's file name says to which suite it belongs: `*.slow.test.ts` to the slow one, every other `*.test.ts` to the fast
 * one. `test/aws`, `test/bi` and `test/trino` have suites of their own, with configurations of their own.
 */
export default defineConfig({
  test: {
    // Tests often wait for child processes and disks. Three workers on two cores take a fifth less time than two.
    maxWorkers: Math.ceil(1.5 * availableParallelism()),
    // Integration tests start real servers and child processes; two cores are shared by all of them.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'fast',
          // The files of a worker share loaded modules: loading them for each file takes a quarter of the suite's time.
          isolate: false,
          include: ['test/**/*.test.ts'],
          exclude: [SLOW, 'test/aws/**', 'test/bi/**', 'test/trino/**'],
        },
      },
      { extends: true, test: { name: 'slow', include: [SLOW] } },
    ],
  },
});
