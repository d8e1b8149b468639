import { CreateBucketCommand, type S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod';
import type { ParsedTemplate, Resource } from '../infra/templates.ts';
import type { Glue } from './glue.ts';

const PSEUDO_PARAMETERS: Readonly<Record<string, string>> = {
  'AWS::AccountId': '123456789012',
  'AWS::Partition': 'aws',
  'AWS::Region': 'us-east-1',
  'AWS::URLSuffix': 'amazonaws.com',
};

const object = z.record(z.string(), z.unknown());
const joined = z.tuple([z.string(), z.array(z.unknown())]);
const attribute = z.tuple([z.string(), z.string()]);

/** The property of a resource that `Ref` returns if the template sets it, by type. */
const NAMES: Readonly<Record<string, string>> = {
  'AWS::Athena::WorkGroup': 'Name',
  'AWS::DynamoDB::Table': 'TableName',
  'AWS::Lambda::Function': 'FunctionName',
  'AWS::S3::Bucket': 'BucketName',
  'AWS::SSM::Parameter': 'Name',
};

/** Glue refuses other properties of a table in CloudFormation, or does more with them than this deployment can. */
const TABLE_PROPERTIES = new Set(['CatalogId', 'DatabaseName', 'TableInput']);

/**
 * Creates what templates declare, as CloudFormation does: buckets in S3, and databases, tables and views in Glue. It gives
 * the other resources a name, so that every reference to one resolves.
 */
export class Deployment {
  readonly #templates: readonly ParsedTemplate[];
  readonly #suffix: string;

  /** @param suffix what distinguishes the names that CloudFormation generates from those of other deployments */
  constructor(templates: readonly ParsedTemplate[], suffix: string) {
    this.#templates = templates;
    this.#suffix = suffix;
  }

  /** Creates everything that the templates declare, or replaces what an earlier deployment created. */
  async deploy({ s3, glue }: { s3: S3Client; glue: Glue }): Promise<void> {
    for (const { template, resource } of this.#ofType('AWS::S3::Bucket')) {
      await s3.send(new CreateBucketCommand({ Bucket: this.#nameOf(template, resource) }));
    }
    for (const { template, resource } of this.#ofType('AWS::Glue::Database')) {
      const DatabaseInput = object.parse(this.resolve(template, resource.Properties['DatabaseInput']));
      await glue.createOrUpdate('Database', { DatabaseInput }, { Name: DatabaseInput['Name'] });
    }
    for (const { template, resource } of this.#ofType('AWS::Glue::Table')) {
      for (const name of Object.keys(resource.Properties)) {
        if (!TABLE_PROPERTIES.has(name)) throw new Error(`${resource.id}: ${name} is not supported`);
      }
      const { DatabaseName, TableInput } = object.parse(this.resolve(template, resource.Properties));
      const input = object.parse(TableInput);
      await glue.createOrUpdate('Table', {
        DatabaseName,
        TableInput: { ...input, Parameters: texts(object.parse(input['Parameters'] ?? {})) },
      });
    }
  }

  /** Returns a value of a template with every reference replaced. */
  resolve(template: ParsedTemplate, value: unknown): unknown {
    if (Array.isArray(value)) return value.map((item) => this.resolve(template, item));
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value);
    const [name, argument] = entries.length === 1 ? (entries[0] ?? []) : [];
    switch (name) {
      case 'Ref':
        return this.#reference(template, z.string().parse(argument));
      case 'Fn::Join': {
        const [separator, parts] = joined.parse(argument);
        return parts.map((part) => z.coerce.string().parse(this.resolve(template, part))).join(separator);
      }
      case 'Fn::GetAtt': {
        const [id, its] = attribute.parse(argument);
        return this.#attribute(template, id, its);
      }
      case 'Fn::ImportValue':
        return this.#imported(z.string().parse(this.resolve(template, argument)));
      default:
        if (name?.startsWith('Fn::')) throw new Error(`cannot resolve ${JSON.stringify(value)}`);
        return Object.fromEntries(entries.map(([key, item]) => [key, this.resolve(template, item)]));
    }
  }

  #reference(template: ParsedTemplate, id: string): string {
    return PSEUDO_PARAMETERS[id] ?? this.#nameOf(template, template.withId(id));
  }

  #attribute(template: ParsedTemplate, id: string, its: string): string {
    const resource = template.withId(id);
    const name = this.#nameOf(template, resource);
    if (its !== 'Arn') throw new Error(`cannot resolve the attribute ${its} of ${id}`);
    if (resource.Type === 'AWS::S3::Bucket') return `arn:aws:s3:::${name}`;
    const service = (resource.Type.split('::')[1] ?? '').toLowerCase();
    return `arn:aws:${service}:us-east-1:123456789012:${name}`;
  }

  #imported(name: string): unknown {
    for (const template of this.#templates) {
      for (const { Export, Value } of Object.values(template.outputs)) {
        if (Export !== undefined && object.parse(Export)['Name'] === name)
          return this.resolve(template, Value);
      }
    }
    throw new Error(`no template exports ${name}`);
  }

  #nameOf(template: ParsedTemplate, { id, Type, Properties }: Resource): string {
    if (Type === 'AWS::Glue::Database')
      return z.string().parse(object.parse(Properties['DatabaseInput'])['Name']);
    const name = NAMES[Type] === undefined ? undefined : Properties[NAMES[Type]];
    if (name !== undefined) return z.string().parse(this.resolve(template, name));
    const generated = `${id}-${this.#suffix}`;
    return Type === 'AWS::S3::Bucket' ? generated.toLowerCase() : generated;
  }

  #ofType(type: string): Array<{ template: ParsedTemplate; resource: Resource }> {
    return this.#templates.flatMap((template) =>
      template.ofType(type).map((resource) => ({ template, resource })),
    );
  }
}

/** CloudFormation passes every parameter of a table as a text. */
function texts(parameters: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, String(value)]));
}
