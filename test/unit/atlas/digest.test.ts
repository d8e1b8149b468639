import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { digestHeader, parseChallenge } from '../../../shared/atlas/authentication/digest.ts';

const RFC_7616 = {
  username: 'Mufasa',
  password: 'Circle of Life',
  method: 'GET',
  uri: '/dir/index.html',
  nonceCount: 1,
  clientNonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
};
const rfc7616Challenge = (algorithm: string) =>
  `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, ` +
  'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"';

function headerFor(header: string | string[], parts = RFC_7616): string {
  const challenge = parseChallenge(header);
  if (challenge === undefined) throw new Error('no challenge');
  return digestHeader(challenge, parts).header;
}

describe('digestHeader', () => {
  it.each([
    ['MD5', '8ca523f5e9506fed4657c9700eebdbec'],
    ['SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'],
  ])('computes the example of RFC 7616, section 3.9.1, with %s', (algorithm, response) => {
    const header = headerFor(rfc7616Challenge(algorithm));
    expect(header).toContain(`response="${response}"`);
    expect(header).toContain(`algorithm=${algorithm}`);
    expect(header).toContain('opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"');
  });

  it('computes the example of RFC 2617, section 3.5, which names no algorithm', () => {
    const header = headerFor(
      'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", ' +
        'opaque="5ccc069c403ebaf9f0171e9517f40e41"',
      { ...RFC_7616, password: 'Circle Of Life', clientNonce: '0a4f113b' },
    );
    expect(header).toContain('response="6629fae49393a05397450978507c4ef1"');
    expect(header).not.toContain('algorithm');
  });

  it('uses the older form for a challenge without qop', () => {
    const md5 = (text: string) => createHash('md5').update(text).digest('hex');
    const header = headerFor('Digest realm="r", nonce="n"');
    const response = md5(`${md5('Mufasa:r:Circle of Life')}:n:${md5('GET:/dir/index.html')}`);
    expect(header).toBe(
      `Digest username="Mufasa", realm="r", nonce="n", uri="/dir/index.html", response="${response}"`,
    );
  });

  it('writes the count of a nonce with eight hexadecimal digits', () => {
    expect(headerFor(rfc7616Challenge('MD5'), { ...RFC_7616, nonceCount: 27 })).toContain('nc=0000001b');
  });

  it('escapes quotes', () => {
    expect(headerFor('Digest realm="a \\"b\\"", nonce="n"')).toContain('realm="a \\"b\\""');
  });
});

describe('parseChallenge', () => {
  it('reads the challenge that Atlas sends', () => {
    const header =
      'Digest realm="MMS Public API", domain="", nonce="SlgYP7/x4=", algorithm=MD5, qop="auth", stale=false';
    expect(parseChallenge(header)).toEqual({
      realm: 'MMS Public API',
      nonce: 'SlgYP7/x4=',
      opaque: undefined,
      algorithm: 'MD5',
      hash: 'md5',
      stale: false,
      qop: true,
    });
  });

  it('returns the first supported challenge, and nothing from its neighbours', () => {
    const headers = [
      'Basic realm="basic"',
      'Digest realm="a", nonce="1", algorithm=SHA-512-256, Digest realm="b", nonce="2", algorithm=sha-256, Bearer realm="c"',
    ];
    expect(parseChallenge(headers)).toMatchObject({
      realm: 'b',
      nonce: '2',
      hash: 'sha256',
      algorithm: 'sha-256',
    });
  });

  it.each([
    ['nothing', undefined],
    ['another scheme', 'Bearer realm="x"'],
    ['no nonce', 'Digest realm="x"'],
    ['auth-int alone', 'Digest realm="x", nonce="n", qop="auth-int"'],
    ['an unknown algorithm', 'Digest realm="x", nonce="n", algorithm=constructor'],
  ])('returns undefined for %s', (_what, header) => {
    expect(parseChallenge(header)).toBeUndefined();
  });
});
