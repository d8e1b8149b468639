import { describe, expect, it } from 'vitest';
import { parseBaseUrl } from '../../../shared/atlas/base-url.ts';
import { AtlasConfigurationError, AtlasResponseError } from '../../../shared/atlas/errors.ts';
import { requestTarget } from '../../../shared/atlas/paths.ts';
import { untrustedText } from '../../../shared/atlas/untrusted-text.ts';

const ERROR_CONTEXT = { operation: 'listDisks', attempts: 0 };

describe('parseBaseUrl', () => {
  it.each([
    ['https://cloud.mongodb.com', { origin: 'https://cloud.mongodb.com', prefix: '' }],
    ['https://cloud.mongodb.com/', { origin: 'https://cloud.mongodb.com', prefix: '' }],
    ['https://proxy.example:8443/atlas//', { origin: 'https://proxy.example:8443', prefix: '/atlas' }],
    ['http://localhost:8080', { origin: 'http://localhost:8080', prefix: '' }],
    ['http://127.1.2.3', { origin: 'http://127.1.2.3', prefix: '' }],
    ['http://[::1]:80/', { origin: 'http://[::1]', prefix: '' }],
  ])('accepts %s', (text, expected) => {
    expect(parseBaseUrl(text)).toEqual(expected);
  });

  it.each([
    ['cloud.mongodb.com'],
    ['ftp://cloud.mongodb.com'],
    ['ftp://localhost'],
    ['http://cloud.mongodb.com'],
    ['http://localhost.example.com'],
    ['http://127.0.0.1.example.com'],
    ['http://10.0.0.1'],
    ['https://cloud.mongodb.com/?a=b'],
    ['https://cloud.mongodb.com/#a'],
  ])('rejects %s', (text) => {
    expect(() => parseBaseUrl(text)).toThrow(AtlasConfigurationError);
  });

  it('rejects credentials without repeating them', () => {
    expect(() => parseBaseUrl('https://user:hunter2@cloud.mongodb.com')).toThrow(
      /^configuration: the base URL must not contain credentials$/,
    );
  });
});

describe('requestTarget', () => {
  it('encodes names, but writes a process like Atlas', () => {
    const segments = [
      'groups',
      'p',
      'processes',
      'host.net:27017',
      'databases',
      'a/b c?ü#%2e',
      'measurements',
    ];
    const target = requestTarget(
      segments,
      [
        ['start', '2026-08-10T00:00:00Z'],
        ['m', 'a&b'],
      ],
      ERROR_CONTEXT,
    );
    expect(target).toBe(
      '/groups/p/processes/host.net:27017/databases/a%2Fb%20c%3F%C3%BC%23%252e/measurements' +
        '?start=2026-08-10T00:00:00Z&m=a%26b',
    );
  });

  it.each(['', '.', '..', '\ud800'])('rejects the segment %j', (segment) => {
    expect(() => requestTarget(['groups', segment], [], ERROR_CONTEXT)).toThrow(AtlasResponseError);
  });
});

describe('untrustedText', () => {
  it('returns one line of bounded length', () => {
    expect(untrustedText('a\r\n\u0000b\u202ec\u2028d')).toBe('a b c d');
    const long = untrustedText('x'.repeat(2_000));
    expect(long).toHaveLength(500);
    expect(long.endsWith('…')).toBe(true);
  });

  it('redacts secrets before it truncates', () => {
    const text = untrustedText(`${'x'.repeat(490)}hunter2hunter2`, ['hunter2hunter2']);
    expect(text).not.toContain('hunter');
  });
});
