import * as z from 'zod';
import { CREDENTIAL_NAME_FORM, isCredentialName } from './credential-name.ts';
import { clusterSelection } from './engine/cluster-selection.ts';
import type { DatasetDeclaration } from './engine/declaration.ts';
import type { DatasetSettings, SettingsSchema } from './engine/settings.ts';
import { lakeTables } from './engine/tables.ts';
import type { Subject } from './ids.ts';
import { isProjectId, type ProjectId } from './ids.ts';
import { COMPRESSIONS } from './lake/compression.ts';
import { canBeWithheld, type Redaction } from './lake/redaction.ts';
import type { Table } from './lake/table.ts';

const projectId = z.string().transform((text, context): ProjectId => {
  if (isProjectId(text)) return text;
  context.addIssue({ code: 'custom', message: 'expected a project id of 24 hexadecimal digits' });
  return z.NEVER;
});

/** What may be set for every dataset. */
const common = {
  /** Whether it is collected at all. If omitted, its declaration decides. */
  enabled: z.boolean().optional(),
};

/** The collector's configuration: a file for the command line, `COLLECTOR_CONFIG` for the functions. */
export const configSchema = z.strictObject({
  /** The projects to collect. If omitted, all that the credentials can read. */
  projects: z.array(projectId).min(1).optional(),
  /** Projects that are not collected. */
  excludeProjects: z.array(projectId).default([]),
  /** The names of credentials that must be there. One that is not is reported like one that Atlas refuses. */
  credentials: z
    .array(z.string().refine(isCredentialName, `expected ${CREDENTIAL_NAME_FORM}`))
    .refine((names) => new Set(names).size === names.length, 'expected each name once')
    .default([]),
  /** The clusters to collect. If omitted, all. */
  clusters: clusterSelection.optional(),
  /** The share of each rate limit that stays available to other users of the project. */
  rateReserve: z.number().min(0).max(0.9).default(0.2),
  /** How new objects are compressed. Objects of both kinds are read side by side. */
  compression: z.enum(COMPRESSIONS).default('gzip'),
  /** By dataset. `settingsFor` checks the settings of one with its own schema. */
  datasets: z.record(z.string(), z.looseObject(common)).default({}),
  /** Columns that are withheld from the lake, by table: dropped, or replaced by a keyed hash. */
  redact: z.record(z.string(), z.record(z.string(), z.enum(['drop', 'hash']))).default({}),
});

export type CollectorConfig = z.infer<typeof configSchema>;

/** The configuration of a function: the same, plus what the stack knows. */
const functionConfigSchema = configSchema.extend({
  /** The queue's URL for each dataset. */
  queues: z.record(z.string(), z.url()),
});

export type FunctionConfig = z.infer<typeof functionConfigSchema>;

/** What the configuration needs to know of a dataset. */
export type Configurable = Pick<DatasetDeclaration, 'name' | 'settings' | 'tables'>;

/** Returns the schema of what may be set for some dataset. */
export function datasetConfig(datasets: readonly Pick<Configurable, 'settings'>[]) {
  const settings = datasets.flatMap(({ settings }) => Object.entries(settings.shape));
  return z.strictObject({ ...common, ...Object.fromEntries(settings) });
}

/**
 * Checks a configuration that people wrote. `datasets` are those that it may name.
 * @throws {ConfigError} with one line that names the field and the expected value
 */
export function parseConfig(input: unknown, datasets: readonly Configurable[]): CollectorConfig {
  checked(
    configSchema.extend({ datasets: z.record(z.string(), datasetConfig(datasets)).default({}) }),
    input,
  );
  const config = checked(configSchema, input);
  for (const [name, { enabled: _, ...settings }] of Object.entries(config.datasets)) {
    const dataset = configurable(name, datasets);
    const { shape } = dataset.settings;
    const foreign = Object.keys(settings).find((setting) => !Object.hasOwn(shape, setting));
    if (foreign !== undefined) {
      const known = ['enabled', ...Object.keys(shape)].join(', ');
      throw new ConfigError(`datasets.${name}.${foreign}: ${name} has no such setting; it has ${known}`);
    }
    settingsFor(dataset, config);
  }
  checkRedaction(config.redact, lakeTables(datasets));
  return config;
}

function checkRedaction(redaction: Redaction, tables: readonly Table[]): void {
  for (const [name, columns] of Object.entries(redaction)) {
    const table = tables.find((candidate) => candidate.name === name);
    if (!table) {
      const known = tables.map((candidate) => candidate.name).join(', ');
      throw new ConfigError(`redact.${name}: no such table; there are ${known}`);
    }
    const known = table.columns.filter(canBeWithheld).map((column) => column.name);
    const wrong = Object.keys(columns).find((column) => !known.includes(column));
    if (wrong !== undefined) {
      const can = known.length > 0 ? `${known.join(', ')} can` : 'this table has none';
      throw new ConfigError(`redact.${name}.${wrong}: not a column that can be withheld; ${can}`);
    }
  }
}

/** Returns the dataset that a configuration names. @throws {ConfigError} */
export function configurable<D extends Configurable>(name: string, datasets: readonly D[]): D {
  const dataset = datasets.find((candidate) => candidate.name === name);
  if (dataset) return dataset;
  const known = datasets.map((candidate) => candidate.name).join(', ');
  throw new ConfigError(`datasets.${name}: no such dataset; there are ${known}`);
}

/** Checks `COLLECTOR_CONFIG`, which the stack wrote. @throws {ConfigError} */
export function parseFunctionConfig(input: unknown): FunctionConfig {
  return checked(functionConfigSchema, input);
}

/**
 * Returns what the schema makes of the input.
 *
 * @param path where the input is in the configuration
 * @throws {ConfigError} that names the first field that is wrong
 */
export function checked<Output>(
  schema: z.ZodType<Output>,
  input: unknown,
  path: readonly string[] = [],
): Output {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = [...path, ...(issue?.path ?? [])].join('.');
  throw new ConfigError(`${field || 'the configuration'}: ${issue?.message ?? 'invalid'}`);
}

/** The configuration is invalid. The message names the field and the reason. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Returns a dataset's settings: what the configuration says, and defaults for the rest. @throws {ConfigError} */
export function settingsFor<Settings extends DatasetSettings>(
  { name, settings: schema }: { name: string; settings: SettingsSchema<Settings> },
  config: CollectorConfig,
): Settings {
  const { enabled: _, ...settings } = config.datasets[name] ?? {};
  return checked(schema, settings, ['datasets', name]);
}

/** Returns whether a subject is to be collected. Of an organisation, only its own id can say that it is not. */
export function wants(
  { projects, excludeProjects }: Pick<CollectorConfig, 'projects' | 'excludeProjects'>,
  { kind, id }: Subject,
): boolean {
  const isOne = (other: string) => other === id;
  return !excludeProjects.some(isOne) && (kind === 'organisation' || (projects?.some(isOne) ?? true));
}

export function isEnabled(
  { name, isOptional = false }: Pick<DatasetDeclaration, 'name' | 'isOptional'>,
  config: CollectorConfig,
): boolean {
  return config.datasets[name]?.enabled ?? !isOptional;
}
