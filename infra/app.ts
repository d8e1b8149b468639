import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { ConfigError } from '../shared/config.ts';
import { addStacks } from './stacks.ts';

// The user must fix an invalid configuration: print one line without a stack trace, and write no template.
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
