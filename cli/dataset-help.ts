import { declarations } from '../functions/declarations.ts';

/** Returns the list of datasets for the help of `collect`: one line for each, with its schedule. */
export function datasetHelp(): string {
  const widest = Math.max(...declarations.map(({ name }) => name.length));
  const lines = declarations.map(({ name, everyMinutes, isOptional }) => {
    const every = everyMinutes % 60 === 0 ? `${everyMinutes / 60} h` : `${everyMinutes} min`;
    const off = isOptional ? ', only if it is named or the configuration enables it' : '';
    return `  ${name.padEnd(widest)}  due every ${every}${off}`;
  });
  return `\nDatasets:\n${lines.join('\n')}`;
}
