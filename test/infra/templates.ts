import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as z from 'zod';
import { declarations } from '../../functions/declarations.ts';
import { CONTEXT_KEY } from '../../infra/configuration.ts';
import { addStacks } from '../../infra/stacks.ts';

export const CDK_JSON = new URL('../../cdk.json', import.meta.url);

/** A configuration that enables every dataset. */
export const ALL_ENABLED = {
  datasets: Object.fromEntries(declarations.map(({ name }) => [name, { enabled: true }])),
};

const json = z.record(z.string(), z.unknown());

const resourceSchema = z.object({
  Type: z.string(),
  Properties: json.default({}),
  DeletionPolicy: z.string().optional(),
  UpdateReplacePolicy: z.string().optional(),
  Metadata: json.default({}),
});

const templateSchema = z.object({
  Resources: z.record(z.string(), resourceSchema),
  Outputs: z.record(z.string(), json).default({}),
});

export type Resource = z.infer<typeof resourceSchema> & { id: string };

/** A template with accessors for tests. */
export class ParsedTemplate {
  readonly resources: Resource[];
  readonly outputs: Record<string, Record<string, unknown>>;

  constructor(template: unknown) {
    const { Resources, Outputs } = templateSchema.parse(template);
    this.resources = Object.entries(Resources).map(([id, resource]) => ({ id, ...resource }));
    this.outputs = Outputs;
  }

  ofType(type: string): Resource[] {
    return this.resources.filter((resource) => resource.Type === type);
  }

  withId(id: string): Resource {
    const resource = this.resources.find((candidate) => candidate.id === id);
    if (!resource) throw new Error(`the template has no ${id}`);
    return resource;
  }
}

/** Synthesizes the three templates with the flags of `cdk.json`, without bundling the functions. */
export function synthesize(configuration: unknown = {}): {
  store: ParsedTemplate;
  collector: ParsedTemplate;
  analysis: ParsedTemplate;
  /** Only with a managed network. */
  network: ParsedTemplate | undefined;
  stacks: { store: Stack; collector: Stack; analysis: Stack };
} {
  const { context } = z.object({ context: json }).parse(JSON.parse(readFileSync(CDK_JSON, 'utf8')));
  const outdir = mkdtempSync(join(tmpdir(), 'atlas-lake-synthesis-'));
  try {
    const app = new App({
      outdir,
      context: { ...context, [CONTEXT_KEY]: configuration, 'aws:cdk:bundling-stacks': [] },
    });
    const { store, collector, analysis, network } = addStacks(app);
    return {
      stacks: { store, collector, analysis },
      store: new ParsedTemplate(Template.fromStack(store).toJSON()),
      collector: new ParsedTemplate(Template.fromStack(collector).toJSON()),
      analysis: new ParsedTemplate(Template.fromStack(analysis).toJSON()),
      network: network && new ParsedTemplate(Template.fromStack(network).toJSON()),
    };
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

/** Resolves a template's value with test names: `address-of-<id>`, `arn-of-<id>` or `name-of-<id>`. */
export function resolve(value: unknown): string {
  if (typeof value === 'string') return value;
  const { Ref, ...functions } = json.parse(value);
  if (typeof Ref === 'string' && Ref.startsWith('AWS::')) return Ref;
  if (typeof Ref === 'string') return `https://sqs.example/1/address-of-${Ref}`;
  const attribute = z.tuple([z.string(), z.enum(['Arn', 'QueueName'])]).safeParse(functions['Fn::GetAtt']);
  if (attribute.success) {
    const [id, name] = attribute.data;
    return `${name === 'Arn' ? 'arn' : 'name'}-of-${id}`;
  }
  const joined = z.tuple([z.string(), z.array(z.unknown())]).safeParse(functions['Fn::Join']);
  if (joined.success) return joined.data[1].map(resolve).join(joined.data[0]);
  const imported = z.string().safeParse(functions['Fn::ImportValue']);
  if (imported.success) return `import-of-${imported.data}`;
  throw new Error(`cannot resolve ${JSON.stringify(value)}`);
}

/** Returns a function's resolved environment variables. */
export function environmentOf(resource: Resource): Record<string, string> {
  const { Variables } = z.object({ Variables: json }).parse(resource.Properties['Environment']);
  return Object.fromEntries(Object.entries(Variables).map(([name, value]) => [name, resolve(value)]));
}
