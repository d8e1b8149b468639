import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import cdkJson from '../cdk.json' with { type: 'json' };
import { addStacks } from './stacks.ts';

/** What only the bundles of the functions need. Without esbuild, the CDK would look for Docker. */
const FOR_BUNDLES = ['esbuild', '@aws-sdk/client-glue'];

/**
 * Writes the templates of all stacks, after the checks. The flags are those of the project's `cdk.json`, so that an app
 * that is started from another folder makes the same resources. What the folder's own `cdk.json` says comes first.
 * @throws {ConfigError}
 */
export function synthesize(): void {
  for (const name of FOR_BUNDLES) import.meta.resolve(name);
  const app = new App({ autoSynth: false, context: cdkJson.context });
  addStacks(app);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  app.synth();
}
