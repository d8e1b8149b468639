import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { createOrganisation, type OrganisationOptions } from '../../simulator/organisation.ts';
import { startSimulator } from '../../simulator/server.ts';

/** A simulator in a separate process. Kills of the collector do not affect it. */
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

/** Starts a simulator without rate limits. Its clock moves only when it is set. */
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

/** Runs the simulator in the child process. The child ends when the channel to its parent closes. */
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
