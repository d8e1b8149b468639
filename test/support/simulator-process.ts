import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { createOrganisation, type OrganisationOptions } from '../../simulator/organisation.ts';
import { startSimulator } from '../../simulator/server.ts';

/** A simulator in a process of its own, which nothing that happens to the collector or the test can reach. */
export interface SimulatorProcess {
  url: string;
  credentials: { clientId: string; clientSecret: string };
  /** Moves the simulated time. */
  setClock(now: number): Promise<void>;
  close(): Promise<void>;
}

const startedSchema = z.object({
  url: z.string(),
  credentials: z.object({ clientId: z.string(), clientSecret: z.string() }),
});

/** Without rate limits; the clock stands where it was set. */
export async function startSimulatorProcess(options: OrganisationOptions): Promise<SimulatorProcess> {
  const child = fork(fileURLToPath(import.meta.url), [JSON.stringify(options)]);
  const [message] = await once(child, 'message');
  const { url, credentials } = startedSchema.parse(message);
  return {
    url,
    credentials,
    async setClock(now) {
      const answer = await fetch(`${url}/_simulator/clock`, { method: 'PUT', body: JSON.stringify({ now }) });
      if (!answer.ok) throw new Error(`the simulator answered ${answer.status}`);
    },
    async close() {
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    },
  };
}

/** The child's side. It ends with its parent, however that ends: the channel closes then. */
async function serve(options: OrganisationOptions, send: NonNullable<typeof process.send>): Promise<void> {
  const organisation = createOrganisation(options);
  const { url, credentials } = await startSimulator({ organisation, rateLimits: false, control: true });
  send({ url, credentials });
  process.once('disconnect', () => process.exit());
}

const [, script, argument] = process.argv;
if (script === fileURLToPath(import.meta.url) && argument !== undefined && process.send) {
  await serve(JSON.parse(argument), process.send.bind(process));
}
