import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { test as base, expect } from 'vitest';
import { createOrganisation } from '../../simulator/organisation.ts';
import { type Simulator, startSimulator } from '../../simulator/server.ts';
import { runCli } from './run-cli.ts';
import { MEASUREMENTS } from './scenario.ts';
import { makeTemporaryFolder } from './temporary-folder.ts';

/** The time of the ticks. */
export const T = '2026-03-02T12:00:00Z';
/** One project with one process. */
export const organisation = createOrganisation({
  projects: [{ name: 'one', clusters: [{ name: 'c', nodes: 1, databases: ['a'], disks: ['data'] }] }],
});
export const project = organisation.projects[0]?.id ?? '';

interface Fixtures {
  simulator: Simulator;
  /** An environment with correct credentials. */
  good: Record<string, string>;
  folder: string;
  /** A folder that does not exist yet. */
  lake: string;
  /** Checks for one line on stderr, nothing on stdout, exit code 2, and no new folder. */
  expectRefused(args: string[], environment: Record<string, string>, says: RegExp): Promise<void>;
}

/** Returns the environment with correct credentials of a simulator. */
export function environmentOf({ url, credentials }: Simulator): Record<string, string> {
  return {
    MONGODB_ATLAS_BASE_URL: url,
    MONGODB_ATLAS_CLIENT_ID: credentials.clientId,
    MONGODB_ATLAS_CLIENT_SECRET: credentials.clientSecret,
  };
}

/** Each test has a simulator of its own, so that tests can run at the same time: most of them wait for a process. */
export const test = base.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads a fixture's dependencies from the pattern
  simulator: async ({}, use) => {
    const simulator = await startSimulator({ organisation, now: Date.parse(T), rateLimits: false });
    await use(simulator);
    await simulator.close();
  },
  good: ({ simulator }, use) => use(environmentOf(simulator)),
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads a fixture's dependencies from the pattern
  folder: async ({}, use) => {
    const folder = await makeTemporaryFolder();
    await use(folder);
    await rm(folder, { recursive: true, force: true });
  },
  lake: ({ folder }, use) => use(path.join(folder, 'new')),
  expectRefused: ({ folder, lake }, use) =>
    use(async (args, environment, says) => {
      const { code, stdout, stderr } = await runCli(['collect', '--lake', lake, ...args], environment);
      expect(stderr).toMatch(says);
      expect(stderr.trimEnd().split('\n')).toHaveLength(1);
      expect(stderr).not.toMatch(/\n {4}at /);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(await readdir(folder)).not.toContain('new');
    }),
});

/** Two datasets, where it does not matter which: all of them take longer. */
export const ONLY = MEASUREMENTS.flatMap((name) => ['--dataset', name]);
