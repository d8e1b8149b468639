import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { CredentialSet } from '../atlas/clients.ts';
import { parseCredentials, parseRedactionKey } from './credentials.ts';

const SOURCE = 'the Atlas secret';

/**
 * Reads the current key for hashes of withheld values: `redactionKey`, beside the Atlas credentials; null if
 * the secret has none.
 */
export async function readRedactionKey(client: SecretsManagerClient, arn: string): Promise<string | null> {
  return parseRedactionKey(await readContent(client, arn), SOURCE);
}

/**
 * Reads the current Atlas credentials.
 * @throws {AtlasConfigurationError} if the secret is empty or has another form. The message says what the
 *   secret must contain, and nothing of its content.
 */
export async function readSecret(client: SecretsManagerClient, arn: string): Promise<CredentialSet> {
  return parseCredentials(await readContent(client, arn), SOURCE);
}

async function readContent(client: SecretsManagerClient, arn: string): Promise<string> {
  const response = await client.send(new GetSecretValueCommand({ SecretId: arn }));
  return response.SecretString ?? '';
}
