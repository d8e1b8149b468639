import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createOrganisation } from '../../../simulator/organisation.ts';
import { type Simulator, startSimulator } from '../../../simulator/server.ts';
import { runCli } from '../../support/run-cli.ts';
import { makeTemporaryFolder } from '../../support/temporary-folder.ts';

let folder: string;
let simulator: Simulator;

beforeEach(async () => {
  folder = await makeTemporaryFolder();
  const clusters = [{ name: 'c', nodes: 1, databases: ['a'], logs: { perHour: 60 } }];
  const organisation = createOrganisation({ projects: [{ name: 'p', clusters }] });
  simulator = await startSimulator({ organisation, now: Date.now(), running: true, rateLimits: false });
});
afterEach(async () => {
  await simulator.close();
  await rm(folder, { recursive: true, force: true });
});

/** Returns the names of the datasets that a collection ran. */
async function collected(...args: readonly string[]): Promise<string[]> {
  const lake = path.join(folder, 'lake');
  const { stdout, stderr } = await runCli(['collect', '--json', '--lake', lake, ...args], {
    MONGODB_ATLAS_BASE_URL: simulator.url,
    MONGODB_ATLAS_CLIENT_ID: simulator.credentials.clientId,
    MONGODB_ATLAS_CLIENT_SECRET: simulator.credentials.clientSecret,
  });
  expect(stderr).toBe('');
  const { runs } = JSON.parse(stdout);
  return [...new Set<string>(runs.map(({ dataset }: { dataset: string }) => dataset))];
}

test('logs are collected only if the configuration or an option asks for them, and never if it disables them', async () => {
  const config = path.join(folder, 'config.json');
  const datasets = (enabled: boolean) =>
    writeFile(config, JSON.stringify({ datasets: { host_logs: { enabled, backfill: 'PT1H' } } }));
  expect(await collected()).not.toContain('host_logs');
  expect(await collected('--dataset', 'host_logs')).toEqual(['host_logs']);
  await datasets(true);
  expect(await collected('--config', config)).toContain('host_logs');
  await datasets(false);
  expect(await collected('--config', config, '--dataset', 'host_logs')).toEqual([]);
});
