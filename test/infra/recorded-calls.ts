import { type SeenRequest, startFaultProxy } from '../support/fault-proxy.ts';

/** Records the IAM action that each request to AWS needs. */
export class RecordedCalls {
  readonly #actions: string[] = [];
  readonly #proxies: Array<{ close(): Promise<void> }> = [];

  /** Returns the address of a proxy that records requests and forwards them to a stand-in. */
  async through(endpoint: string): Promise<string> {
    const proxy = await startFaultProxy(endpoint);
    this.#proxies.push(proxy);
    const note = (request: SeenRequest) => {
      this.#actions.push(actionOf(request));
      return false;
    };
    proxy.watch(note, () => {});
    return proxy.endpoint;
  }

  /** Returns the distinct actions since the last call. */
  take(): string[] {
    return [...new Set(this.#actions.splice(0))];
  }

  async close(): Promise<void> {
    for (const proxy of this.#proxies) await proxy.close();
  }
}

/** Returns the action of a request. Only S3 has no header that names the operation. */
function actionOf({ method, headers }: SeenRequest): string {
  const [service = '', operation = ''] = String(headers['x-amz-target'] ?? '').split('.');
  if (service === '') return method === 'PUT' ? 's3:PutObject' : 's3:GetObject';
  // Transactions need the permissions of their items, and batches those of their entries.
  if (operation === 'TransactWriteItems') return 'dynamodb:PutItem';
  if (operation === 'SendMessageBatch') return 'sqs:SendMessage';
  return `${service.replace(/^Amazon|_\d+$/g, '').toLowerCase()}:${operation}`;
}
