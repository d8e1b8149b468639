import { Dispatcher } from 'undici';
import type { SimulatedAtlas } from '../../../simulator/atlas.ts';
import { handleRequest } from '../../../simulator/http/handle-request.ts';
import type { SimulatedCredentials } from './credentials.ts';
import type { Caller, Scheduler } from './scheduler.ts';

/** An answer, as the client's connection sees it. */
interface Reply {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: string | Buffer;
  /** How many bytes arrive before the connection breaks; null when all of them do. */
  truncatedAt: number | null;
}

/** How long Atlas tells a throttled client to wait, in seconds: less and more than a run accepts. */
const WAITS = ['1', '4', '30'];

/** The statuses of gateways and proxies between the client and Atlas. They answer in HTML. */
const GATEWAY_STATUSES = [503, 403, 404, 410];

/** Sends the requests of one container's Atlas client to the simulated Atlas in the same process. */
export class AtlasDispatcher extends Dispatcher {
  readonly #caller: Caller;
  #calls = 0;
  readonly #scheduler: Scheduler;
  readonly #atlas: SimulatedAtlas;
  readonly #credentials: SimulatedCredentials;

  constructor(
    caller: Caller,
    scheduler: Scheduler,
    atlas: SimulatedAtlas,
    credentials: SimulatedCredentials,
  ) {
    super();
    this.#caller = caller;
    this.#scheduler = scheduler;
    this.#atlas = atlas;
    this.#credentials = credentials;
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const controller = new Controller();
    handler.onRequestStart?.(controller, {});
    this.#call(options).then(
      (reply) => {
        const { status, headers, body, truncatedAt } = reply;
        const bytes = typeof body === 'string' ? Buffer.from(body, 'utf8') : body;
        handler.onResponseStart?.(controller, status, { ...headers, 'content-length': String(bytes.length) });
        handler.onResponseData?.(controller, bytes.subarray(0, truncatedAt ?? bytes.length));
        if (truncatedAt === null) handler.onResponseEnd?.(controller, {});
        else handler.onResponseError?.(controller, new Error('the other side closed the connection'));
      },
      (error: Error) => handler.onResponseError?.(controller, error),
    );
    return true;
  }

  override async close(): Promise<void> {}

  #call(options: Dispatcher.DispatchOptions): Promise<Reply> {
    const { method, path } = options;
    const body = typeof options.body === 'string' ? options.body : '';
    const headers = Object.fromEntries(
      Object.entries(options.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
    );
    const failure = (status: number, more: Record<string, string> = {}): Reply => ({
      status,
      headers: { 'content-type': 'text/html', ...more },
      body: '<html><body>Try again later.</body></html>',
      truncatedAt: null,
    });
    let asked = 0;
    this.#calls += 1;
    const gateway = GATEWAY_STATUSES[this.#calls % GATEWAY_STATUSES.length] ?? 503;
    return this.#scheduler.call<Reply>({
      caller: this.#caller,
      service: 'atlas',
      label: `atlas ${path.replace('/api/atlas/v2', '')}`,
      isWrite: false,
      apply: () => {
        const date = new Date(this.#atlas.clock.now()).toUTCString();
        const failed = this.#credentials.failure(this.#accountOf(headers), path, this.#atlas.clock.now());
        if (failed !== null) return failure(failed, { date });
        const { response } = handleRequest(this.#atlas.state, { method, target: path, headers, body });
        return {
          status: response.status,
          headers: { ...lowerCase(response.headers), date },
          body: response.body,
          truncatedAt: null,
        };
      },
      refuse: (fault) => {
        if (fault === 'failed') return failure(gateway);
        if (fault === 'conflict') return { ...failure(200), body: '{"results":7,"measurements":7}' };
        return failure(429, { 'retry-after': WAITS[asked++ % WAITS.length] ?? '1' });
      },
      corrupt: (answer) => ({ ...answer, body: `<html>${answer.body.length}</html>` }),
      truncate: (answer) => ({ ...answer, truncatedAt: Math.floor(answer.body.length / 2) }),
    });
  }

  /** Returns the account that signed a request. */
  #accountOf(headers: Readonly<Record<string, unknown>>): string {
    const [scheme, value = ''] = String(headers['authorization'] ?? '').split(' ');
    if (scheme === 'Basic') return Buffer.from(value, 'base64').toString().split(':')[0] ?? '';
    return this.#atlas.state.api.tokens.userOf(value)?.id ?? '';
  }
}

function lowerCase(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** A controller without effect. An answer arrives as a whole, so nothing can be paused or stopped. */
class Controller implements Dispatcher.DispatchController {
  readonly aborted = false;
  readonly paused = false;
  readonly reason = null;
  abort(): void {}
  pause(): void {}
  resume(): void {}
}
