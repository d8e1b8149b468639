import * as z from 'zod';
import { EXTERNAL_CREDENTIALS } from '../support/external-aws.ts';

/** An answer of Glue that is not a success. */
export class GlueError extends Error {
  override readonly name = 'GlueError';
  /** Glue's name of the error, such as `EntityNotFoundException`. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(`${code}: ${message}`);
    this.code = code;
  }
}

const errorSchema = z.object({
  __type: z.string().transform((type) => type.replace(/^.*#/, '')),
  message: z.string().default(''),
});

/** A client of Glue's API. The project uses Glue's SDK nowhere else, so it has no dependency on it. */
export class Glue {
  readonly #endpoint: string;

  constructor(endpoint: string) {
    this.#endpoint = endpoint;
  }

  /**
   * Sends one request, such as `GetTable`.
   * @throws {GlueError}
   */
  async send(action: string, input: Readonly<Record<string, unknown>>): Promise<unknown> {
    const response = await fetch(this.#endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': `AWSGlue.${action}`,
        // moto finds the service by the scope of the signature, and does not check the signature.
        authorization: `AWS4-HMAC-SHA256 Credential=${EXTERNAL_CREDENTIALS.accessKeyId}/20260101/us-east-1/glue/aws4_request, SignedHeaders=host, Signature=0`,
      },
      body: JSON.stringify(input),
    });
    const text = await response.text();
    if (response.ok) return text === '' ? {} : JSON.parse(text);
    const error = errorSchema.safeParse(text.startsWith('{') ? JSON.parse(text) : {});
    if (!error.success)
      throw new Error(`Glue answered ${response.status} to ${action}: ${text.slice(0, 500)}`);
    throw new GlueError(error.data.__type, error.data.message);
  }

  /** Sends a request that creates something or, if it exists, another one that replaces it. */
  async createOrUpdate(
    thing: 'Database' | 'Table',
    input: Readonly<Record<string, unknown>>,
    name: Readonly<Record<string, unknown>> = {},
  ): Promise<void> {
    try {
      await this.send(`Create${thing}`, input);
    } catch (error) {
      if (!(error instanceof GlueError) || error.code !== 'AlreadyExistsException') throw error;
      await this.send(`Update${thing}`, { ...input, ...name });
    }
  }
}
