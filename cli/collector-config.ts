import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { datasets as all } from '../functions/datasets.ts';
import { type CollectorConfig, ConfigError } from '../shared/config.ts';
import { parseConfiguration } from '../shared/deployment/configuration.ts';
import type { Dataset } from '../shared/engine/dataset.ts';
import { oneLine } from '../shared/one-line.ts';
import { UsageFailure } from './failure.ts';

/** The configuration of a folder, and the user's own, if no file is named. */
const IN_FOLDER = 'atlas-lake.config.json';
const OF_USER = path.join('atlas-lake', 'config.json');

/** The configuration of a collector on one machine, or of a deployment. */
export interface ReadConfig {
  config: CollectorConfig;
  /** All datasets, with the schedules of the deployment. */
  datasets: readonly Dataset[];
}

/**
 * Reads a configuration file. Of the fields that are for the stack only, schedules count; the others are checked. Without a name, it is `atlas-lake.config.json` in the current folder, or else
 * `atlas-lake/config.json` in the folder of the user's configurations. Without a file, all settings have their defaults.
 * @throws {UsageFailure} when it cannot be read or is wrong
 */
export async function readConfig(
  named: string | undefined,
  variables: NodeJS.ProcessEnv = process.env,
): Promise<ReadConfig> {
  const own = path.join(
    variables['XDG_CONFIG_HOME'] || path.join(variables['HOME'] || homedir(), '.config'),
    OF_USER,
  );
  const file = named ?? [IN_FOLDER, own].find((candidate) => existsSync(candidate));
  try {
    const text = file === undefined ? '{}' : await readFile(file, 'utf8');
    const { functions: config, datasets } = parseConfiguration(JSON.parse(text), all);
    return { config, datasets };
  } catch (error) {
    if (error instanceof ConfigError) throw new UsageFailure(`${file}: ${error.message}`);
    if (error instanceof SyntaxError)
      throw new UsageFailure(`${file} is not JSON: ${oneLine(error.message)}`);
    throw new UsageFailure(
      `cannot read the configuration ${file}: ${error instanceof Error ? error.message : error}`,
    );
  }
}
