import { ArgumentError, HELP, type Measuring, readArguments } from './arguments.ts';
import { measure } from './measure.ts';
import type { Measurement } from './measurement.ts';
import { readExample, writeExample } from './page.ts';
import { report } from './report.ts';

try {
  const command = readArguments(process.argv.slice(2));
  if (command === 'help') process.stdout.write(HELP);
  else if (command === 'example') await showAndWrite(readExample());
  else await estimateFor(command);
} catch (error) {
  if (!(error instanceof ArgumentError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}

async function estimateFor({ shape, use, save }: Measuring): Promise<void> {
  const measurement = { shape, use, datasets: await measure(shape, use.projects) };
  if (save) await showAndWrite(measurement);
  else process.stdout.write(report(measurement));
}

async function showAndWrite(measurement: Measurement): Promise<void> {
  process.stdout.write(report(measurement));
  await writeExample(measurement);
}
