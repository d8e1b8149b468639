import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SecretsServer {
  endpoint: string;
  /** The content of the secret. Tests may change it at any time. */
  content: string;
  close(): Promise<void>;
}

/** Starts a Secrets Manager with one secret that supports only `GetSecretValue`. */
export async function startSecretsServer(arn: string, content: string): Promise<SecretsServer> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { SecretId } = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    const known = request.headers['x-amz-target'] === 'secretsmanager.GetSecretValue' && SecretId === arn;
    response.writeHead(known ? 200 : 400, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(
      JSON.stringify(
        known
          ? { ARN: arn, Name: 'atlas', VersionId: 'v1', SecretString: secrets.content }
          : { __type: 'ResourceNotFoundException', message: 'no such secret' },
      ),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const secrets: SecretsServer = {
    endpoint: `http://127.0.0.1:${port}`,
    content,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return secrets;
}
