import { once } from 'node:events';
import { createSecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import tls from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAtlasClient } from '../../../shared/atlas/client.ts';
import { wholeListing } from '../../../shared/atlas/listing.ts';
import { SkippingClock } from '../../unit/atlas/fake-clock.ts';
import {
  failureOf,
  ONE_DISK,
  PROCESS,
  PROJECT,
  SERVICE_ACCOUNT,
  silent,
  TOKEN,
  tokenBody,
} from './scripted-atlas.ts';
import { selfSignedCertificate } from './self-signed.ts';

/** Creates a server that offers HTTP/2, and truncates its first response. */
function secureServer() {
  const certificate = selfSignedCertificate();
  const versions: string[] = [];
  let cut = false;
  const server = createSecureServer({ ...certificate, allowHTTP1: true }, (request, response) => {
    versions.push(request.httpVersion);
    if (request.url === '/api/oauth/token') {
      response.end(JSON.stringify(tokenBody(TOKEN)));
    } else if (!cut) {
      cut = true;
      response.write('{"results":', () => response.stream.close(2));
    } else {
      response.end(JSON.stringify(ONE_DISK));
    }
  });
  return { server, versions, cert: certificate.cert };
}

const trusted = tls.getCACertificates('default');
let atlas: ReturnType<typeof secureServer>;

beforeEach(async () => {
  atlas = secureServer();
  atlas.server.listen(0, '127.0.0.1');
  await once(atlas.server, 'listening');
});

afterEach(() => {
  tls.setDefaultCACertificates(trusted);
  atlas.server.close();
});

function newClient() {
  const { port } = atlas.server.address() as AddressInfo;
  return createAtlasClient({
    baseUrl: `https://127.0.0.1:${port}`,
    credentials: async () => SERVICE_ACCOUNT,
    clock: new SkippingClock(),
    random: () => 0,
    reserve: 0.2,
    log: silent,
  });
}

describe('TLS', () => {
  it('uses HTTP/2 if offered, and detects truncated responses there', async () => {
    tls.setDefaultCACertificates([...trusted, atlas.cert]);
    const client = newClient();
    const session = client.session({ deadline: Number.POSITIVE_INFINITY });
    const found = await Promise.all(Array.from({ length: 5 }, () => session.listDisks(PROJECT, PROCESS)));
    await client.close();
    expect(found).toEqual(Array(5).fill(wholeListing(['data'])));
    expect(atlas.versions).toEqual(Array(7).fill('2.0'));
  });

  it('sends nothing to a server with an untrusted certificate', async () => {
    const client = newClient();
    const session = client.session({ deadline: Number.POSITIVE_INFINITY });
    const error = await failureOf(session.listDisks(PROJECT, PROCESS));
    await client.close();
    expect(error).toMatchObject({ name: 'AtlasUnreachableError' });
    expect(String(error)).toMatch(/self-signed certificate/);
    expect(atlas.versions).toEqual([]);
  });
});
