import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import * as z from 'zod';
import type { AtlasCredentials } from '../atlas/api.ts';
import { AtlasConfigurationError } from '../atlas/errors.ts';

const serviceAccount = z.object({ clientId: z.string().min(1), clientSecret: z.string().min(1) });
const apiKey = z.object({ publicKey: z.string().min(1), privateKey: z.string().min(1) });

const WANTED =
  '{"clientId", "clientSecret"} of a service account or {"publicKey", "privateKey"} of an API key';

const redaction = z.object({ redactionKey: z.string().min(1) });

/**
 * Reads the current key for hashes of withheld values: `redactionKey`, beside the Atlas credentials; null if
 * the secret has none.
 */
export async function readRedactionKey(client: SecretsManagerClient, arn: string): Promise<string | null> {
  return redaction.safeParse(await readContent(client, arn)).data?.redactionKey ?? null;
}

/**
 * Reads the current Atlas credentials.
 * @throws {AtlasConfigurationError} if the secret is empty or has another form. The message says what the
 *   secret must contain, and nothing of its content.
 */
export async function readSecret(client: SecretsManagerClient, arn: string): Promise<AtlasCredentials> {
  const content = await readContent(client, arn);
  const account = serviceAccount.safeParse(content);
  if (account.success) return { kind: 'service-account', ...account.data };
  const key = apiKey.safeParse(content);
  if (key.success) return { kind: 'api-key', ...key.data };
  const empty = JSON.stringify(content) === '{}';
  throw unusable(empty ? `is empty; put ${WANTED} there` : `must hold ${WANTED}`);
}

async function readContent(client: SecretsManagerClient, arn: string): Promise<unknown> {
  const response = await client.send(new GetSecretValueCommand({ SecretId: arn }));
  return parsed(response.SecretString ?? '');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's message would contain the secret.
    throw unusable(`must be JSON that holds ${WANTED}`);
  }
}

function unusable(text: string): AtlasConfigurationError {
  return new AtlasConfigurationError(`the Atlas secret ${text}`, { operation: 'readSecret', attempts: 0 });
}
