import { expect, test } from 'vitest';
import { digestResponse } from '../../../simulator/auth/digest.ts';

test('digestResponse computes the example of RFC 2617, section 3.5', () => {
  const response = digestResponse({
    username: 'Mufasa',
    password: 'Circle Of Life',
    realm: 'testrealm@host.com',
    nonce: 'dcd98b7102dd2f0e8b11d0f600bfb0c093',
    nc: '00000001',
    cnonce: '0a4f113b',
    qop: 'auth',
    method: 'GET',
    uri: '/dir/index.html',
  });
  expect(response).toBe('6629fae49393a05397450978507c4ef1');
});

test('digestResponse computes the example of RFC 7616, section 3.9.1', () => {
  const response = digestResponse({
    username: 'Mufasa',
    password: 'Circle of Life',
    realm: 'http-auth@example.org',
    nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
    nc: '00000001',
    cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
    qop: 'auth',
    method: 'GET',
    uri: '/dir/index.html',
  });
  expect(response).toBe('8ca523f5e9506fed4657c9700eebdbec');
});
