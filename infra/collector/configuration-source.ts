import type { LayerVersion } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { ConfigError } from '../../shared/config.ts';
import { fileLayer } from '../file-layer.ts';

/** Lambda's limit for all environment variables of a function, bytes. */
const ENVIRONMENT_BYTES = 4096;

/** Bytes of the other variables, and of each dataset's name and queue URL, for the longest names that AWS makes. */
const OTHER_VARIABLES_BYTES = 500;
const QUEUE_BYTES = 180;

/** How functions get their configuration. */
export interface ConfigurationSource {
  /** The part that goes into the environment beside the queues. */
  inEnvironment: object;
  environment: Record<string, string>;
  layers: LayerVersion[];
}

/**
 * Returns how functions get their configuration: in the environment if there is room, and otherwise, with a long list of
 * projects for example, from a file in a layer, which has no such limit.
 *
 * @param variables further variables, which take room too
 * @throws {ConfigError} if there is no room even without the configuration
 */
export function configurationSource(
  scope: Construct,
  configuration: object,
  { queues, variables }: { queues: number; variables: Record<string, string> },
): ConfigurationSource {
  const others = Object.entries(variables).reduce((sum, [name, value]) => sum + bytesOf(name + value), 0);
  const room = ENVIRONMENT_BYTES - OTHER_VARIABLES_BYTES - queues * QUEUE_BYTES - others;
  if (room < 0) {
    throw new ConfigError(
      `proxy.noProxy: is ${-room} bytes too long for the environment of a function; use names of domains`,
    );
  }
  const content = JSON.stringify(configuration);
  if (bytesOf(content) <= room) return { inEnvironment: configuration, environment: {}, layers: [] };
  const { layer, path } = fileLayer(scope, 'Configuration', {
    name: 'configuration.json',
    content,
    description: 'The configuration of Atlas Lake, which is too large for the environment of its functions.',
  });
  return { inEnvironment: {}, environment: { COLLECTOR_CONFIG_FILE: path }, layers: [layer] };
}

function bytesOf(text: string): number {
  return Buffer.byteLength(text);
}
