import { startSimulator } from '../../simulator/server.ts';
import { COMMAND } from '../command-name.ts';
import { EXIT } from '../failure.ts';

/** Serves the simulator until interrupted, and prints how to collect from it. */
export async function simulate({ port }: { port: number }): Promise<number> {
  const simulator = await startSimulator({ port, now: Date.now(), running: true, control: true });
  const { clientId, clientSecret } = simulator.credentials;
  process.stdout.write(
    `${[
      `A simulated Atlas runs at ${simulator.url} until you press Ctrl-C. To collect from it, run in another terminal:`,
      '',
      `  export MONGODB_ATLAS_BASE_URL=${simulator.url}`,
      `  export MONGODB_ATLAS_CLIENT_ID=${clientId}`,
      `  export MONGODB_ATLAS_CLIENT_SECRET=${clientSecret}`,
      `  ${COMMAND} collect`,
    ].join('\n')}\n`,
  );
  await new Promise<void>((resolve) => process.once('SIGTERM', resolve));
  await simulator.close();
  return EXIT.done;
}
