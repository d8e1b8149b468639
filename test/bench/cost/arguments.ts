import { parseArgs } from 'node:util';
import type { Shape, Use } from './measurement.ts';

export const HELP = `npm run cost -- [options]: estimates the collector's monthly costs
  --projects N         projects (default 10)
  --processes N        mongod processes of each project (default 9)
  --databases N        databases of each process (default 20)
  --disks N            disks of each process (default 1)
  --logins N           authentication attempts on each host per hour (default 600)
  --months N           months for which rows have been kept (default 12)
  --queries N          Athena queries per day (default 20)
  --days N             days of every table that a query reads (default 7)
  --save               makes the result the example of docs/cost.md
  --example            calculates this example again from its stored measurement, and writes the page. Takes no other option
`;

const DEFAULTS = {
  projects: 10,
  processes: 9,
  databases: 20,
  disks: 1,
  logins: 600,
  months: 12,
  queries: 20,
  days: 7,
};

type NumberName = keyof typeof DEFAULTS;

/** What to do: show the help, calculate the stored example again, or measure. */
export type CostCommand = 'help' | 'example' | Measuring;

export interface Measuring {
  shape: Shape;
  use: Use;
  /** Whether the result becomes the example of the page. */
  save: boolean;
}

/** The arguments are wrong. The message says in one line which one, and what to do. */
export class ArgumentError extends Error {
  override readonly name = 'ArgumentError';
}

/** Reads the arguments. @throws {ArgumentError} */
export function readArguments(args: readonly string[]): CostCommand {
  const values = parse(args);
  if (values.help === true) return 'help';
  if (values.example === true) {
    if (Object.keys(values).length === 1) return 'example';
    throw new ArgumentError('--example takes no other option; leave out one or the other');
  }
  const whole = (name: NumberName) => {
    const text = values[name];
    if (text === undefined) return DEFAULTS[name];
    const number = Number(text);
    if (Number.isInteger(number) && number > 0) return number;
    throw new ArgumentError(`--${name} must be a whole number above 0, and is ${JSON.stringify(text)}`);
  };
  return {
    shape: {
      processes: whole('processes'),
      databases: whole('databases'),
      disks: whole('disks'),
      logins: whole('logins'),
    },
    use: {
      projects: whole('projects'),
      months: whole('months'),
      queries: whole('queries'),
      days: whole('days'),
    },
    save: values.save ?? false,
  };
}

function parse(args: readonly string[]) {
  const number = { type: 'string' } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        projects: number,
        processes: number,
        databases: number,
        disks: number,
        logins: number,
        months: number,
        queries: number,
        days: number,
        save: { type: 'boolean' },
        example: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    const [reason = ''] = error instanceof Error ? error.message.split(/[\n.]/) : [];
    throw new ArgumentError(`${reason}; npm run cost -- --help lists the options`, { cause: error });
  }
}
