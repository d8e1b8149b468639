import type { Construct } from 'constructs';
import type { DatasetDeclaration } from '../shared/collection/dataset.ts';
import { type CollectorConfig, ConfigError, parseConfig } from '../shared/config.ts';

/** The key of the CDK context that holds the collector's configuration. */
export const CONTEXT_KEY = 'atlas-lake';

/**
 * The most that the configuration may take. Lambda holds 4 KB of environment variables in all, and about 1.5 KB go
 * to the queues' addresses and the other variables.
 */
const MOST_BYTES = 2_500;

export interface Configuration {
  /** As the functions are given it: unparsed, since they parse it themselves. */
  source: object;
  parsed: CollectorConfig;
}

/**
 * Reads the configuration from `cdk.json`, or from the command line (`-c atlas-lake='{…}'`), which gives text.
 * @throws {ConfigError}
 */
export function readConfiguration(scope: Construct, datasets: readonly DatasetDeclaration[]): Configuration {
  const context: unknown = scope.node.tryGetContext(CONTEXT_KEY) ?? {};
  const source = typeof context === 'string' ? parseJson(context) : context;
  if (typeof source !== 'object' || source === null) {
    throw new ConfigError('the configuration: expected an object');
  }
  const parsed = parseConfig(
    source,
    datasets.map(({ name }) => name),
  );
  const bytes = Buffer.byteLength(JSON.stringify(source));
  if (bytes > MOST_BYTES) {
    throw new ConfigError(
      `the configuration: takes ${bytes} bytes, and Lambda has room for ${MOST_BYTES}; name fewer projects`,
    );
  }
  return { source, parsed };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ConfigError('the configuration: not JSON');
  }
}
