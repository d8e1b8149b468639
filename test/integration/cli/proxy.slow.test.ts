import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect } from 'node:net';
import path from 'node:path';
import { createServer } from 'node:tls';
import { describe, expect } from 'vitest';
import { test as base, T } from '../../support/cli-test.ts';
import { type ConnectProxy, startConnectProxy } from '../../support/connect-proxy.ts';
import { runCli } from '../../support/run-cli.ts';
import { selfSignedCertificate } from '../atlas/self-signed.ts';

const certificate = selfSignedCertificate();

interface Fixtures {
  /** A proxy that requires a password, and speaks TLS with the own authority's certificate. */
  proxy: ConnectProxy;
  /** The environment of an Atlas with a certificate of the own authority. */
  behindTls: Record<string, string>;
  /** The own authority's certificate. */
  authority: string;
}

const test = base.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads a fixture's dependencies from the pattern
  proxy: async ({}, use) => {
    const proxy = await startConnectProxy({ tls: certificate, credentials: 'user:CANARY' });
    await use(proxy);
    await proxy.close();
  },
  behindTls: async ({ simulator, good }, use) => {
    const { hostname, port } = new URL(simulator.url);
    const server = createServer(certificate, (client) => {
      const upstream = connect(Number(port), hostname);
      client.on('error', () => upstream.destroy());
      upstream.on('error', () => client.destroy());
      client.pipe(upstream).pipe(client);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await use({ ...good, MONGODB_ATLAS_BASE_URL: address });
    server.close();
  },
  authority: async ({ folder }, use) => {
    const file = path.join(folder, 'authority.pem');
    await writeFile(file, certificate.cert);
    await use(file);
  },
});

const COLLECT = ['collect', '--dataset', 'alerts', '--at', T, '--lake'];

describe('behind a proxy', () => {
  test('collect works with HTTPS_PROXY and NODE_EXTRA_CA_CERTS, and stores no password', async ({
    proxy,
    behindTls,
    authority,
    lake,
  }) => {
    const { code, stdout, stderr } = await runCli([...COLLECT, lake], {
      ...behindTls,
      HTTPS_PROXY: proxy.url.replace('://', '://user:CANARY@'),
      NODE_EXTRA_CA_CERTS: authority,
    });
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const host = new URL(behindTls['MONGODB_ATLAS_BASE_URL'] ?? '').host;
    expect(new Set(proxy.tunnels.map(({ target }) => target))).toEqual(new Set([host]));
    const files = await readdir(lake, { recursive: true, withFileTypes: true });
    const texts = files
      .filter((entry) => entry.isFile())
      .map((entry) => readFile(path.join(entry.parentPath, entry.name), 'latin1'));
    expect([stdout, stderr, ...(await Promise.all(texts))].join('')).not.toContain('CANARY');
  });

  test('collect goes directly to a host in NO_PROXY', async ({ proxy, behindTls, authority, lake }) => {
    const { code } = await runCli([...COLLECT, lake], {
      ...behindTls,
      HTTPS_PROXY: proxy.url,
      NO_PROXY: '127.0.0.1',
      NODE_EXTRA_CA_CERTS: authority,
    });
    expect(code).toBe(0);
    expect(proxy.tunnels).toEqual([]);
  });

  test('a wrong password ends collect with one line that does not repeat it', async ({
    proxy,
    behindTls,
    authority,
    lake,
  }) => {
    const { code, stderr } = await runCli([...COLLECT, lake, '--quiet'], {
      ...behindTls,
      HTTPS_PROXY: proxy.url.replace('://', '://user:OTHER@'),
      NODE_EXTRA_CA_CERTS: authority,
    });
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /\(the proxy requires another user or password \(407\)\).*\. Check HTTPS_PROXY\n$/,
    );
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(stderr).not.toContain('OTHER');
  });
});

test.for([
  ['socks5://CANARY@proxy:1080', /^atlas-lake: HTTPS_PROXY: expected http:\/\/ or https:\/\//],
  ['http://user:CANARY%@proxy', /^atlas-lake: HTTPS_PROXY: expected two hexadecimal digits/],
  ['http://user:CANARY@proxy:port', /^atlas-lake: HTTPS_PROXY: expected the address of a proxy/],
] as const)('the proxy %s is refused in one line', async ([HTTPS_PROXY, says], { good, expectRefused }) => {
  await expectRefused([], { ...good, HTTPS_PROXY }, says);
});
