import { readFile } from 'node:fs/promises';
import { datasets } from '../functions/datasets.ts';
import { type CollectorConfig, ConfigError, parseConfig } from '../shared/config.ts';
import { oneLine } from '../shared/one-line.ts';
import { UsageFailure } from './failure.ts';

/**
 * Reads a configuration file. Without a file, all settings have their defaults.
 * @throws {UsageFailure} when it cannot be read or is wrong
 */
export async function readConfig(file: string | undefined): Promise<CollectorConfig> {
  if (file === undefined) return parseConfig({}, datasets);
  try {
    return parseConfig(JSON.parse(await readFile(file, 'utf8')), datasets);
  } catch (error) {
    if (error instanceof ConfigError) throw new UsageFailure(`${file}: ${error.message}`);
    if (error instanceof SyntaxError)
      throw new UsageFailure(`${file} is not JSON: ${oneLine(error.message)}`);
    throw new UsageFailure(
      `cannot read the configuration ${file}: ${error instanceof Error ? error.message : error}`,
    );
  }
}
