import { describe, expect, it } from 'vitest';
import { proxyFrom } from '../../shared/https-proxy.ts';

describe('the proxy of the environment', () => {
  it('is none without HTTPS_PROXY, whatever HTTP_PROXY and NO_PROXY say', () => {
    expect(proxyFrom({})).toBeUndefined();
    expect(proxyFrom({ HTTPS_PROXY: '', https_proxy: '' })).toBeUndefined();
    expect(proxyFrom({ HTTP_PROXY: 'http://proxy:3128', http_proxy: 'x', NO_PROXY: '*' })).toBeUndefined();
  });

  it.each([
    ['http://proxy.example.com:3128', 'http://proxy.example.com:3128/'],
    ['https://proxy.example.com', 'https://proxy.example.com/'],
    ['proxy.example.com:3128', 'http://proxy.example.com:3128/'],
    ['user:pass@proxy:3128', 'http://user:pass@proxy:3128/'],
    ['http://[::1]:3128', 'http://[::1]:3128/'],
  ])('reads %s', (HTTPS_PROXY, url) => expect(proxyFrom({ HTTPS_PROXY })).toMatchObject({ url }));

  it('prefers lower case, and falls back if it is empty', () => {
    expect(
      proxyFrom({ https_proxy: 'http://one', HTTPS_PROXY: 'http://two', no_proxy: 'a', NO_PROXY: 'b' }),
    ).toMatchObject({ url: 'http://one/', except: 'a' });
    expect(
      proxyFrom({ https_proxy: '', HTTPS_PROXY: 'http://two', no_proxy: '', NO_PROXY: 'b' }),
    ).toMatchObject({ url: 'http://two/', except: 'b' });
  });

  it.each([
    ['http://', /expected the address of a proxy, such as/],
    ['http://proxy:99999', /expected the address of a proxy/],
    ['two words', /expected the address of a proxy/],
    ['socks5://proxy:1080', /expected http:\/\/ or https:\/\//],
    ['file:///etc/passwd', /expected /],
    ['http://user:CANARY%@proxy', /write %25/],
    ['http://us%er:CANARY@proxy', /write %25/],
  ])('refuses %s in one line that does not quote it', (HTTPS_PROXY, message) => {
    let said = '';
    try {
      proxyFrom({ HTTPS_PROXY });
    } catch (error) {
      expect(error).toMatchObject({ name: 'ProxyError' });
      said = String(error);
    }
    expect(said).toMatch(message);
    expect(said).toContain('HTTPS_PROXY: ');
    expect(said).not.toMatch(/CANARY|passwd|\n/);
  });

  it('knows every form of its password, the longest first', () => {
    const proxy = proxyFrom({ HTTPS_PROXY: 'http://user:p%40ss@proxy' });
    const basic = Buffer.from('user:p@ss').toString('base64');
    expect(proxy?.secrets).toEqual([basic, 'p%40ss', 'p@ss', 'user']);
    expect(proxyFrom({ HTTPS_PROXY: 'http://proxy' })?.secrets).toEqual([]);
    expect(proxyFrom({ HTTPS_PROXY: 'http://token@proxy' })?.secrets).toContain('token');
  });
});
