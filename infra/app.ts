import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { ConfigError } from '../shared/config.ts';
import { addStacks } from './stacks.ts';

// A configuration that cannot be used is the user's to correct: one line, no stack trace, and no template.
try {
  const app = new App({ autoSynth: false });
  addStacks(app);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  app.synth();
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`atlas-lake: ${error.message}\n`);
  process.exitCode = 1;
}
