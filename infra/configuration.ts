import type { Construct } from 'constructs';
import * as z from 'zod';
import {
  type CollectorConfig,
  ConfigError,
  checked,
  configurable,
  isEnabled,
  parseConfig,
} from '../shared/config.ts';
import { DAY, HOUR, MINUTE } from '../shared/durations.ts';
import type { DatasetDeclaration } from '../shared/engine/declaration.ts';
import { duration } from '../shared/iso-duration.ts';

/** The key of the CDK context that holds the collector's configuration. */
export const CONTEXT_KEY = 'atlas-lake';

/** Lambda holds so many bytes of environment variables in all. */
const ENVIRONMENT_BYTES = 4096;

/** What the other variables take, and each dataset's name and queue's address: with the longest names that AWS makes. */
const OTHER_VARIABLES_BYTES = 500;
const QUEUE_BYTES = 180;

/** What the stack alone needs to know of a dataset; the rest of its fields are the functions'. */
export const datasetSchema = z.strictObject({
  /** A tick is due so often. */
  every: duration.refine(dividesHourOrDay, 'expected a duration that divides an hour or a day').optional(),
  /** S3 deletes the rows of its tables after so many days. */
  expireAfterDays: z.int().min(1).optional(),
  /** S3 moves the larger objects to a cheaper class after so many days; it charges for 30 days at least. */
  infrequentAccessAfterDays: z.int().min(30).optional(),
});

/** What the stack alone needs to know. */
export const stackSchema = z.strictObject({
  alarms: z
    .strictObject({
      /** Gets a mail for each alarm, once it has confirmed the subscription. */
      email: z.email().optional(),
      /** An SNS topic that exists. */
      topicArn: z
        .string()
        .regex(/^arn:[\w-]+:sns:[\w-]+:\d{12}:[\w-]+$/, 'expected the ARN of an SNS topic')
        .optional(),
    })
    .default({}),
  catalog: z
    .strictObject({
      /** The Glue database. */
      database: z
        .string()
        .regex(/^[a-z][a-z0-9_]*$/, 'expected lower case letters, digits and underscores')
        .default('atlas_lake'),
      /** The first day that queries see. */
      firstDay: z.iso.date().default('2025-01-01'),
      /** A query that would read more is refused. */
      scanLimitGigabytes: z.int().min(1).default(100),
    })
    .prefault({}),
  /** What becomes of the lake, the cursors and the credentials when their stack is deleted. */
  removalPolicy: z.enum(['retain', 'destroy']).default('retain'),
  datasets: z.record(z.string(), datasetSchema).default({}),
});

export type StackConfig = z.infer<typeof stackSchema>;

export interface Configuration {
  stack: StackConfig;
  functions: CollectorConfig;
  /** The functions' part as it was written: they parse it themselves. */
  functionsSource: object;
  /** Every dataset, with the schedule that the configuration gives it. */
  datasets: readonly DatasetDeclaration[];
  /** Those of them that are collected. */
  enabled: readonly DatasetDeclaration[];
}

/**
 * Reads the configuration from `cdk.json`, or from the command line (`-c atlas-lake='{…}'`), which gives text.
 * @throws {ConfigError}
 */
export function readConfiguration(scope: Construct, declared: readonly DatasetDeclaration[]): Configuration {
  const context: unknown = scope.node.tryGetContext(CONTEXT_KEY) ?? {};
  const parts = split(typeof context === 'string' ? parseJson(context) : context);
  const functions = parseConfig(parts.functions, declared);
  const stack = checked(stackSchema, parts.stack);
  for (const name of Object.keys(stack.datasets)) configurable(name, declared);
  const bytes = Buffer.byteLength(JSON.stringify(parts.functions));
  const room = ENVIRONMENT_BYTES - OTHER_VARIABLES_BYTES - declared.length * QUEUE_BYTES;
  if (bytes > room) {
    throw new ConfigError(
      `the configuration: takes ${bytes} bytes, and Lambda has room for ${room}; name fewer projects`,
    );
  }
  const datasets = declared.map((dataset) => {
    const every = stack.datasets[dataset.name]?.every;
    return every === undefined ? dataset : { ...dataset, everyMinutes: every / MINUTE };
  });
  const enabled = datasets.filter((dataset) => isEnabled(dataset, functions));
  return { stack, functions, functionsSource: parts.functions, datasets, enabled };
}

const jsonObject = z.record(z.string(), z.unknown());

/** People write one object; of its fields, the stack takes its own, and hands the others to the functions. */
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

/** The fields that the schema has, and the others. */
function divide(fields: JsonObject, { shape }: { shape: object }): [own: JsonObject, others: JsonObject] {
  const entries = Object.entries(fields);
  const isOwn = ([name]: [string, unknown]) => Object.hasOwn(shape, name);
  return [
    Object.fromEntries(entries.filter(isOwn)),
    Object.fromEntries(entries.filter((entry) => !isOwn(entry))),
  ];
}

/** So that ticks have stable times: cron begins each hour, or each day, anew. */
function dividesHourOrDay(every: number): boolean {
  return (
    every >= MINUTE &&
    every % MINUTE === 0 &&
    (HOUR % every === 0 || (every % HOUR === 0 && DAY % every === 0))
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ConfigError('the configuration: not JSON');
  }
}
