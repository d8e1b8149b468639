import { createAtlasClient } from '../../../shared/atlas/client.ts';
import { isProjectId, processId } from '../../../shared/ids.ts';
import { SkippingClock } from '../../unit/atlas/fake-clock.ts';

/** Sends one request to the Atlas at the given address, and prints the result and the peak memory of this process. */
const [baseUrl = '', project = ''] = process.argv.slice(2);
if (!isProjectId(project)) throw new Error('not a project id');
const client = createAtlasClient({
  baseUrl,
  credentials: async () => ({ kind: 'service-account', clientId: 'id', clientSecret: 'secret' }),
  clock: new SkippingClock(),
  random: () => 0.5,
  reserve: 0,
  log: { debug() {}, info() {}, warn() {} },
});
const session = client.session({ deadline: Number.POSITIVE_INFINITY });
const error: unknown = await session
  .listDisks(project, processId('host:27017'))
  .catch((thrown: unknown) => thrown);
await client.close();
const { name, message } = error instanceof Error ? error : { name: 'none', message: '' };
const megabytes = Math.round(process.resourceUsage().maxRSS / 1024);
process.stdout.write(JSON.stringify({ name, message: message.slice(0, 200), megabytes }));
