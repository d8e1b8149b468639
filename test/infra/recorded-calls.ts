import { type SeenRequest, startFaultProxy } from '../support/fault-proxy.ts';

/** Notes what is asked of AWS, as the action that each request needs. */
export class RecordedCalls {
  readonly #actions: string[] = [];
  readonly #proxies: Array<{ close(): Promise<void> }> = [];

  /** An address that leads to a stand-in, and past here. */
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

  /** What was asked since the last time, each action once. */
  take(): string[] {
    return [...new Set(this.#actions.splice(0))];
  }

  async close(): Promise<void> {
    for (const proxy of this.#proxies) await proxy.close();
  }
}

/** Only S3 has no header that names the operation. */
function actionOf({ method, headers }: SeenRequest): string {
  const [service = '', operation = ''] = String(headers['x-amz-target'] ?? '').split('.');
  if (service === '') return method === 'PUT' ? 's3:PutObject' : 's3:GetObject';
  // Transactions need what their items need; batches what their entries need.
  if (operation === 'TransactWriteItems') return 'dynamodb:PutItem';
  if (operation === 'SendMessageBatch') return 'sqs:SendMessage';
  return `${service.replace(/^Amazon|_\d+$/g, '').toLowerCase()}:${operation}`;
}
