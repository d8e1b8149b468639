import * as z from 'zod';
import { DAY, HOUR, MINUTE, SECOND } from './durations.ts';
import type { DatasetDeclaration } from './engine/dataset.ts';
import type { DatasetSettings } from './engine/settings.ts';
import { lakeTables } from './engine/tables.ts';
import { isProjectId, type ProjectId } from './ids.ts';
import { canBeWithheld, type Redaction } from './lake/redaction.ts';
import type { Table } from './lake/table.ts';
import { FINE_GRANULARITIES } from './measurements/granularity.ts';

/**
 * Parses an ISO 8601 duration of days, hours, minutes and seconds (`P7D`, `PT25M`) into ms; undefined for
 * other text.
 */
export function parseDuration(text: string): number | undefined {
  const match = /^P(?=\d|T\d)(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(text);
  if (!match) return undefined;
  const [days, hours, minutes, seconds] = match.slice(1).map((digits) => Number(digits ?? 0));
  return (days ?? 0) * DAY + (hours ?? 0) * HOUR + (minutes ?? 0) * MINUTE + (seconds ?? 0) * SECOND;
}

/** An ISO 8601 duration, in ms. */
export const duration = z.string().transform((text, context): number => {
  const parsed = parseDuration(text);
  if (parsed !== undefined) return parsed;
  context.addIssue({ code: 'custom', message: 'expected an ISO 8601 duration such as PT25M or P7D' });
  return z.NEVER;
});

const projectId = z.string().transform((text, context): ProjectId => {
  if (isProjectId(text)) return text;
  context.addIssue({ code: 'custom', message: 'expected a project id of 24 hexadecimal digits' });
  return z.NEVER;
});

/**
 * Maximum measured namespaces. Each costs a request for each process and hour, and Atlas allows a project
 * about 100 requests a minute.
 */
const MOST_MEASURED_NAMESPACES = 100;

const MEASURED_NAMESPACES = `expected a whole number from 0 to ${MOST_MEASURED_NAMESPACES}`;

/** Ten years. Atlas has had metrics since 2016, and a time beyond the range of a date would end every run. */
const LONGEST_BACKFILL = 3650 * DAY;

const idsByProject = z.record(
  z.string().refine(isProjectId, 'expected a project id of 24 hexadecimal digits'),
  z.array(z.string().regex(/^[a-f0-9]{24}$/, 'expected an id of 24 hexadecimal digits')),
);

/** The settings of one dataset. */
export const datasetConfig = z.strictObject({
  /** Whether the dataset is collected. */
  enabled: z.boolean().default(true),
  /** How long after its timestamp a value counts as final. Values that change later are not guaranteed. */
  settle: duration.refine((settle) => settle <= DAY, 'expected at most P1D').optional(),
  /** How far back the first run of a target reads. */
  backfill: duration
    .refine((backfill) => backfill <= LONGEST_BACKFILL, `expected at most P${LONGEST_BACKFILL / DAY}D`)
    .optional(),
  /** For measurements: the granularity to collect while Atlas has it. */
  granularity: z.enum(FINE_GRANULARITIES).optional(),
  /** For logs: the lookback, how far behind its watermark a run reads again. */
  overlap: duration.refine((overlap) => overlap <= HOUR, 'expected at most PT1H').optional(),
  /** For rankings: the number of top namespaces that are measured as well; 0 measures none. */
  namespaces: z
    .int(MEASURED_NAMESPACES)
    .min(0, MEASURED_NAMESPACES)
    .max(MOST_MEASURED_NAMESPACES, MEASURED_NAMESPACES)
    .optional(),
  /** For resources that Atlas does not list: their ids, by project. */
  resources: z
    .strictObject({ migration_validation: idsByProject, sample_dataset_load: idsByProject })
    .partial()
    .optional(),
});

/** The collector's configuration: a file for the command line, `COLLECTOR_CONFIG` for the functions. */
export const configSchema = z.strictObject({
  /** The projects to collect. If omitted, all that the credential can read. */
  projects: z.array(projectId).min(1).optional(),
  /** Projects that are not collected. */
  excludeProjects: z.array(projectId).default([]),
  /** The share of each rate limit that stays available to other users of the project. */
  rateReserve: z.number().min(0).max(0.9).default(0.2),
  datasets: z.record(z.string(), datasetConfig).default({}),
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

/** The part of a dataset that the configuration needs. */
export type Configurable = Pick<DatasetDeclaration, 'name' | 'defaults' | 'tables'>;

/**
 * Checks a configuration that people wrote. `datasets` are those that it may name.
 * @throws {ConfigError} with one line that names the field and the expected value
 */
export function parseConfig(input: unknown, datasets: readonly Configurable[]): CollectorConfig {
  const config = checked(configSchema, input);
  for (const [name, { enabled: _, ...settings }] of Object.entries(config.datasets)) {
    const { defaults } = configurable(name, datasets);
    const foreign = Object.keys(settings).find((setting) => !Object.hasOwn(defaults, setting));
    if (foreign !== undefined) {
      const known = ['enabled', ...Object.keys(defaults)].join(', ');
      throw new ConfigError(`datasets.${name}.${foreign}: ${name} has no such setting; it has ${known}`);
    }
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

/** Parses the input with a schema. @throws {ConfigError} that names the first invalid field */
export function checked<Output>(schema: z.ZodType<Output>, input: unknown): Output {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new ConfigError(`${issue?.path.join('.') || 'the configuration'}: ${issue?.message ?? 'invalid'}`);
}

/** The configuration is invalid. The message names the field and the reason. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Returns a dataset's settings: its defaults, overridden by the configuration. */
export function settingsFor<Settings extends DatasetSettings>(
  dataset: { name: string; defaults: Settings },
  config: CollectorConfig,
): Settings {
  const own = config.datasets[dataset.name];
  return {
    ...dataset.defaults,
    ...(own?.settle !== undefined && { settle: own.settle }),
    ...(own?.backfill !== undefined && { backfill: own.backfill }),
    ...(own?.granularity !== undefined && { granularity: own.granularity }),
    ...(own?.overlap !== undefined && { overlap: own.overlap }),
    ...(own?.namespaces !== undefined && { namespaces: own.namespaces }),
    ...(own?.resources !== undefined && { resources: own.resources }),
  };
}

export function isEnabled(dataset: { name: string }, config: CollectorConfig): boolean {
  return config.datasets[dataset.name]?.enabled ?? true;
}
