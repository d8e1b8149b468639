import * as z from 'zod';
import { type FunctionConfig, parseFunctionConfig } from '../../shared/config.ts';
import { environmentOf, type ParsedTemplate, type Resource, resolve } from './templates.ts';

interface DatasetParts {
  queue: Resource;
  deadLetters: Resource;
  source: Resource;
  function: Resource;
}

/** What belongs to a dataset, found by following the references from the addresses that the functions are given. */
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

/** The one function that no queue calls. */
export function dispatchOf(template: ParsedTemplate): Resource {
  const sources = template.ofType('AWS::Lambda::EventSourceMapping');
  const called = sources.map(({ Properties }) => JSON.stringify(Properties['FunctionName']));
  const [dispatch, ...others] = template
    .ofType('AWS::Lambda::Function')
    .filter(({ id }) => !called.includes(JSON.stringify({ Ref: id })));
  if (!dispatch || others.length > 0) throw new Error('one function must be without an event source');
  return dispatch;
}

/** What a function would read from its environment. */
export function functionConfig(resource: Resource): FunctionConfig {
  return parseFunctionConfig(JSON.parse(z.string().parse(environmentOf(resource)['COLLECTOR_CONFIG'])));
}
