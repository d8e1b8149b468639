import type { Construct } from 'constructs';
import { ConfigError } from '../shared/config.ts';
import { parseConfiguration, type Configuration as Whole } from '../shared/deployment/configuration.ts';
import type { DatasetDeclaration } from '../shared/engine/declaration.ts';

/** The key of the CDK context that holds the collector's configuration. */
export const CONTEXT_KEY = 'atlas-lake';

export type Configuration = Whole<DatasetDeclaration>;

/**
 * Reads the configuration from `cdk.json` or, as text, from the command line (`-c atlas-lake='{…}'`).
 * @throws {ConfigError}
 */
export function readConfiguration(scope: Construct, declared: readonly DatasetDeclaration[]): Configuration {
  const context: unknown = scope.node.tryGetContext(CONTEXT_KEY) ?? {};
  return parseConfiguration(typeof context === 'string' ? parseJson(context) : context, declared);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ConfigError('the configuration: not JSON');
  }
}
