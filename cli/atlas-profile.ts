import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import * as z from 'zod';
import { isSystemError } from '../local-aws/s3/errors.ts';
import { UsageFailure } from './failure.ts';

/** The settings of a profile that Atlas Lake uses. Profiles have others, too. */
const profileSchema = z.object({
  public_api_key: z.string().optional(),
  private_api_key: z.string().optional(),
  client_id: z.string().optional(),
  client_secret: z.string().optional(),
  ops_manager_url: z.string().optional(),
});

/** The profile of the Atlas CLI if no variable names another. */
const DEFAULT = 'default';

/**
 * Returns the connection of a profile of the Atlas CLI as the environment variables that mean the same; none if the Atlas
 * CLI has no configuration here. The names and places are those that the documentation of the Atlas CLI gives.
 * @param variables name the profile (MONGODB_ATLAS_PROFILE) and the folder of configurations (XDG_CONFIG_HOME)
 * @throws {UsageFailure} when the file cannot be read, or lacks a profile that is named
 */
export async function profileVariables(variables: NodeJS.ProcessEnv): Promise<Record<string, string>> {
  const file = path.join(configurationFolder(variables), 'atlascli', 'config.toml');
  const name = variables['MONGODB_ATLAS_PROFILE'] || DEFAULT;
  const profiles = await readProfiles(file);
  const stored = Object.hasOwn(profiles, name) ? profiles[name] : undefined;
  if (stored === undefined) {
    if (name === DEFAULT) return {};
    throw new UsageFailure(`the Atlas CLI has no profile ${JSON.stringify(name)} in ${file}`);
  }
  const profile = profileSchema.safeParse(stored).data ?? {};
  const values = {
    MONGODB_ATLAS_CLIENT_ID: profile.client_id,
    MONGODB_ATLAS_CLIENT_SECRET: profile.client_secret,
    MONGODB_ATLAS_PUBLIC_API_KEY: profile.public_api_key,
    MONGODB_ATLAS_PRIVATE_API_KEY: profile.private_api_key,
    MONGODB_ATLAS_BASE_URL: profile.ops_manager_url?.replace(/\/$/, ''),
  };
  return Object.fromEntries(Object.entries(values).filter((entry): entry is [string, string] => !!entry[1]));
}

/** Returns the folder of a user's configurations: of this system, as the Atlas CLI chooses it. */
function configurationFolder(variables: NodeJS.ProcessEnv): string {
  if (variables['XDG_CONFIG_HOME']) return variables['XDG_CONFIG_HOME'];
  const home = variables['HOME'] || homedir();
  return process.platform === 'darwin'
    ? path.join(home, 'Library', 'Application Support')
    : path.join(home, '.config');
}

async function readProfiles(file: string): Promise<Record<string, unknown>> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return {};
    throw new UsageFailure(
      `cannot read the Atlas CLI's configuration ${file}: ${error instanceof Error ? error.message : error}`,
      { cause: error },
    );
  }
  // Loaded only when there is such a file.
  const { parse } = await import('smol-toml');
  try {
    return parse(text);
  } catch {
    // Without the parser's message, which quotes lines that may hold a secret.
    throw new UsageFailure(
      `the Atlas CLI's configuration ${file} is not TOML: repair it, or set credentials`,
    );
  }
}
