import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { datasets } from '../../functions/datasets.ts';
import { parseConfig } from '../../shared/config.ts';
import { dispatchEventSchema } from '../../shared/lambda/message.ts';
import { dispatchOf, functionConfig, partsOf } from './collector-parts.ts';
import { type ParsedTemplate, synthesize } from './templates.ts';

const names = datasets.map(({ name }) => name);

describe('the configuration', () => {
  const written = {
    projects: ['5efda6aea3f2ed2e7dd6ce00'],
    rateReserve: 0.5,
    datasets: {
      disk_measurements: { enabled: false },
      database_measurements: { settle: 'PT30M', backfill: 'P7D', granularity: 'PT1H' },
    },
  };
  const template = synthesize(written).collector;

  test('reaches every function as it was written, with the queues of all datasets', () => {
    for (const resource of template.ofType('AWS::Lambda::Function')) {
      const { queues, ...config } = functionConfig(resource);
      expect(config).toEqual(parseConfig(written, names));
      expect(Object.keys(queues)).toEqual(names);
    }
  });

  test('names for each dataset a queue of its own', () => {
    const queues = names.map((name) => partsOf(template, name).queue.id);
    expect(new Set(queues).size).toBe(names.length);
  });

  test('takes the schedule, and nothing else, from a dataset that is switched off', () => {
    expect(ticksOf(template)).toEqual(names.filter((name) => name !== 'disk_measurements'));
    expect(partsOf(template, 'disk_measurements').function.Type).toBe('AWS::Lambda::Function');
  });

  test('may come from the command line, as text', () => {
    const { collector: fromText } = synthesize(JSON.stringify(written));
    expect(functionConfig(dispatchOf(fromText))).toEqual(functionConfig(dispatchOf(template)));
  });

  test.each([
    [{ rateReserve: 2 }, 'rateReserve: '],
    [{ datasets: { tables: {} } }, 'datasets.tables: no such dataset'],
    ['{"projects"', 'the configuration: not JSON'],
    ['7', 'the configuration: expected an object'],
    [
      { projects: Array.from({ length: 120 }, () => '5efda6aea3f2ed2e7dd6ce00') },
      'the configuration: takes 3254 bytes',
    ],
  ])('%j is refused', (configuration, message) => {
    expect(() => synthesize(configuration)).toThrow(message);
  });
});

function ticksOf(template: ParsedTemplate): string[] {
  return template.ofType('AWS::Scheduler::Schedule').map(({ Properties }) => {
    const { Input } = z.object({ Input: z.string() }).parse(Properties['Target']);
    return dispatchEventSchema.extend({ tick: z.unknown() }).parse(JSON.parse(Input)).dataset;
  });
}
