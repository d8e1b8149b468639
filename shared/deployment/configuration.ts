import * as z from 'zod';
import {
  type CollectorConfig,
  ConfigError,
  checked,
  configurable,
  isEnabled,
  parseConfig,
} from '../config.ts';
import { DAY, HOUR, MINUTE } from '../durations.ts';
import type { DatasetDeclaration } from '../engine/declaration.ts';
import { duration } from '../iso-duration.ts';
import { network } from './network.ts';
import { proxySchema } from './proxy.ts';

/** The dataset fields that only the stack reads. The functions read the others. */
export const datasetSchema = z.strictObject({
  /** The interval between ticks. */
  every: duration.refine(dividesHourOrDay, 'expected a duration that divides an hour or a day').optional(),
  /** The number of projects that are collected at a time. AWS accepts 2 to 1,000. */
  concurrency: z.int().min(2).max(1_000).optional(),
  /** The age at which S3 deletes the rows of its tables, days. */
  expireAfterDays: z.int().min(1).optional(),
  /** The age at which S3 moves larger objects to a cheaper class, days. S3 requires at least 30. */
  infrequentAccessAfterDays: z.int().min(30).optional(),
});

/** Explains a field of earlier versions. */
function replacedField(issue: { code?: string; keys?: readonly string[] }): string | undefined {
  return issue.code === 'unrecognized_keys' && issue.keys?.includes('firstDay')
    ? 'firstDay no longer exists; the tables have all days, and landingDays sets how many the landing tables show'
    : undefined;
}

/** The fields that only the stack reads. */
export const stackSchema = z.strictObject({
  /** How the names of the stacks begin. Deployments with different ones stand beside each other. */
  stackPrefix: z
    .string()
    .regex(/^[A-Z][A-Za-z0-9]{1,39}$/, 'expected a capital letter, and then letters and digits, up to 40')
    // Its database would have the name of the slices of another deployment.
    .refine((prefix) => !prefix.endsWith('Slices'), 'must not end in Slices')
    .default('AtlasLake'),
  alarms: z
    .strictObject({
      /** Receives an email for each alarm after confirming the subscription. */
      email: z.email().optional(),
      /** An existing SNS topic. */
      topicArn: z
        .string()
        .regex(/^arn:[\w-]+:sns:[\w-]+:\d{12}:[\w-]+$/, 'expected the ARN of an SNS topic')
        .optional(),
    })
    .default({}),
  catalog: z
    .strictObject(
      {
        /** The Glue database. If omitted, it is the prefix of the stacks in snake case. */
        database: z
          .string()
          .regex(/^[a-z][a-z0-9_]*$/, 'expected lower case letters, digits and underscores')
          .optional(),
        /** The number of past days that the landing tables show. */
        landingDays: z.int().min(2).default(40),
        /** Maximum gigabytes that one query may scan. Athena cancels a query that scans more. */
        scanLimitGigabytes: z.int().min(1).default(100),
      },
      { error: replacedField },
    )
    .prefault({}),
  publish: z
    .strictObject({
      /** The interval between publications to the Iceberg tables. */
      every: duration
        .refine(dividesHourOrDay, 'expected a duration that divides an hour or a day')
        .default(HOUR),
    })
    .prefault({}),
  /** The network of the functions that talk to Atlas. If omitted, they run in Lambda's own, with changing addresses. */
  network: network.optional(),
  /** The proxy between these functions and Atlas. */
  proxy: proxySchema.optional(),
  /** A PEM file of certificate authorities that these functions also trust. */
  certificates: z.string().min(1).optional(),
  /** The owner's KMS key for everything that is stored. If omitted, AWS's keys encrypt it. */
  kmsKeyArn: z
    .string()
    .regex(/^arn:[\w-]+:kms:[\w-]+:\d{12}:key\/[\w-]+$/, 'expected the ARN of a KMS key, not of an alias')
    .optional(),
  /** Whether the lake, the cursors and the credentials are kept or deleted with their stack. */
  removalPolicy: z.enum(['retain', 'destroy']).default('retain'),
  datasets: z.record(z.string(), datasetSchema).default({}),
});

const stackWithDatabase = stackSchema.transform(({ catalog, ...stack }) => ({
  ...stack,
  catalog: { ...catalog, database: catalog.database ?? snakeCase(stack.stackPrefix) },
}));

export type StackConfig = z.infer<typeof stackWithDatabase>;

/** Returns `atlas_lake` for `AtlasLake`. */
function snakeCase(name: string): string {
  return name.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, '_').toLowerCase();
}

/** What the owner configures, of which a part is for the stack only. */
export interface Configuration<D extends DatasetDeclaration> {
  stack: StackConfig;
  functions: CollectorConfig;
  /** The functions' part, not parsed: the functions parse it themselves. */
  functionsSource: object;
  /** Every dataset, with its configured schedule. */
  datasets: readonly D[];
  /** The datasets that are collected. */
  enabled: readonly D[];
}

/**
 * Reads the one object that owners write.
 * @throws {ConfigError}
 */
export function parseConfiguration<D extends DatasetDeclaration>(
  input: unknown,
  declared: readonly D[],
): Configuration<D> {
  const parts = split(input);
  const functions = parseConfig(parts.functions, declared);
  const stack = checked(stackWithDatabase, parts.stack);
  for (const name of Object.keys(stack.datasets)) configurable(name, declared);
  const datasets = declared.map((dataset) => {
    const every = stack.datasets[dataset.name]?.every;
    return every === undefined ? dataset : { ...dataset, everyMinutes: every / MINUTE };
  });
  const enabled = datasets.filter((dataset) => isEnabled(dataset, functions));
  return { stack, functions, functionsSource: parts.functions, datasets, enabled };
}

const jsonObject = z.record(z.string(), z.unknown());

/** Splits the object into the stack's fields and the functions' fields. */
function split(input: unknown): { stack: object; functions: object } {
  if (!jsonObject.safeParse(input).success) throw new ConfigError('the configuration: expected an object');
  const [stack, functions] = divide(jsonObject.parse(input), stackSchema);
  const { datasets, ...own } = stack;
  const named = jsonObject.safeParse(datasets);
  if (!named.success)
    return { stack: own, functions: { ...functions, ...(datasets !== undefined && { datasets }) } };
  const divided = Object.entries(named.data).map(([name, fields]) => {
    const known = jsonObject.safeParse(fields);
    const [mine, theirs] = known.success ? divide(known.data, datasetSchema) : [{}, fields];
    return { name, mine, theirs };
  });
  return {
    stack: { ...own, datasets: Object.fromEntries(divided.map(({ name, mine }) => [name, mine])) },
    functions: {
      ...functions,
      datasets: Object.fromEntries(divided.map(({ name, theirs }) => [name, theirs])),
    },
  };
}

type JsonObject = z.infer<typeof jsonObject>;

/** Splits fields into those that the schema has and the others. */
function divide(fields: JsonObject, { shape }: { shape: object }): [own: JsonObject, others: JsonObject] {
  const entries = Object.entries(fields);
  const isOwn = ([name]: [string, unknown]) => Object.hasOwn(shape, name);
  return [
    Object.fromEntries(entries.filter(isOwn)),
    Object.fromEntries(entries.filter((entry) => !isOwn(entry))),
  ];
}

/** Tells whether ticks at this interval have stable times. Cron restarts its steps each hour or each day. */
function dividesHourOrDay(every: number): boolean {
  return (
    every >= MINUTE &&
    every % MINUTE === 0 &&
    (HOUR % every === 0 || (every % HOUR === 0 && DAY % every === 0))
  );
}
