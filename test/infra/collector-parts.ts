import * as z from 'zod';
import { type FunctionConfig, parseFunctionConfig } from '../../shared/config.ts';
import { environmentOf, type ParsedTemplate, type Resource, resolve } from './templates.ts';

interface DatasetParts {
  queue: Resource;
  deadLetters: Resource;
  source: Resource;
  function: Resource;
}

/** Finds the resources of a dataset by following the references from the queue URLs in the functions' configuration. */
export function partsOf(template: ParsedTemplate, dataset: string): DatasetParts {
  const address = functionConfig(dispatchOf(template)).queues[dataset];
  const queue = template.withId(z.string().parse(address?.split('address-of-')[1]));
  const { deadLetterTargetArn } = z
    .object({ deadLetterTargetArn: z.unknown() })
    .parse(queue.Properties['RedrivePolicy']);
  const [source, ...others] = template
    .ofType('AWS::Lambda::EventSourceMapping')
    .filter(({ Properties }) => resolve(Properties['EventSourceArn']) === `arn-of-${queue.id}`);
  if (!source || others.length > 0) throw new Error(`${dataset} must have one event source`);
  const { Ref } = z.object({ Ref: z.string() }).parse(source.Properties['FunctionName']);
  return {
    queue,
    deadLetters: template.withId(resolve(deadLetterTargetArn).replace('arn-of-', '')),
    source,
    function: template.withId(Ref),
  };
}

/** Returns the only function that no queue calls. */
export function dispatchOf(template: ParsedTemplate): Resource {
  const sources = template.ofType('AWS::Lambda::EventSourceMapping');
  const called = sources.map(({ Properties }) => JSON.stringify(Properties['FunctionName']));
  const [dispatch, ...others] = template
    .ofType('AWS::Lambda::Function')
    .filter(({ id }) => !called.includes(JSON.stringify({ Ref: id })));
  if (!dispatch || others.length > 0) throw new Error('one function must be without an event source');
  return dispatch;
}

/** Returns the configuration that a function reads from its environment. */
export function functionConfig(resource: Resource): FunctionConfig {
  return parseFunctionConfig(JSON.parse(z.string().parse(environmentOf(resource)['COLLECTOR_CONFIG'])));
}

const oneOrMore = z.union([z.string().transform((item) => [item]), z.array(z.string())]);

const statements = z.object({
  Statement: z.array(z.object({ Effect: z.enum(['Allow', 'Deny']), Action: oneOrMore })),
});

/** Returns the actions that a function's role allows on any resource. */
export function allowedActions(template: ParsedTemplate, resource: Resource): string[] {
  const role = z
    .object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) })
    .parse(resource.Properties['Role']);
  const [id] = role['Fn::GetAtt'];
  return template
    .ofType('AWS::IAM::Policy')
    .filter(({ Properties }) => JSON.stringify(Properties['Roles']) === JSON.stringify([{ Ref: id }]))
    .flatMap(({ Properties }) => statements.parse(Properties['PolicyDocument']).Statement)
    .filter(({ Effect }) => Effect === 'Allow')
    .flatMap(({ Action }) => Action);
}
