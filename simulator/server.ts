import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AtlasOptions, createAtlas, type SimulatedAtlas } from './atlas.ts';
import { createListener } from './http/listener.ts';
import { MINUTE } from './time.ts';

export type { Fault } from './faults.ts';

export interface SimulatorOptions extends AtlasOptions {
  /** Default: 0, any free port. */
  port?: number;
  host?: '127.0.0.1';
  /** Whether another process can control it through `/_simulator/…`. Default: false. */
  control?: boolean;
}

/** A simulated Atlas with an HTTP server. */
export interface Simulator extends Omit<SimulatedAtlas, 'state'> {
  /** Without a trailing slash. */
  url: string;
  /** Stops immediately, even if responses are pending. */
  close(): Promise<void>;
}

/** Serves an organisation on the loopback address. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { state, ...atlas } = createAtlas(options);
  const listener = createListener({ ...state, control: options.control ?? false });
  // Longer than any client keeps an idle connection, so that the server never closes one while a request arrives.
  const server = createServer({ keepAliveTimeout: 10 * MINUTE }, listener);
  server.listen(options.port ?? 0, options.host ?? '127.0.0.1');
  await once(server, 'listening');
  return {
    ...atlas,
    url: urlOf(server),
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function urlOf(server: Server): string {
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new TypeError('the server listens on no port');
  return `http://${bound.address}:${bound.port}`;
}
