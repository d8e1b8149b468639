import type { LifecycleRule } from '@aws-sdk/client-s3';
import { describe, expect, test } from 'vitest';
import { expiryOf } from '../../../cli/verification/lifecycle.ts';

const KEY = 'host_logs/dt=2026-03-02/0b090762903ba1730cc3007b-host_logs-1772460001-0.json.gz';

function rule(days: number, rest: Partial<LifecycleRule> = {}): LifecycleRule {
  return { Status: 'Enabled', Expiration: { Days: days }, ...rest };
}

describe('a lifecycle rule', () => {
  test.each<[string, Partial<LifecycleRule>]>([
    ['a filter', { Filter: { Prefix: 'host_logs/' } }],
    ['a filter for a part of the key', { Filter: { Prefix: 'host_' } }],
    ['a filter for days', { Filter: { Prefix: 'host_logs/dt=2026-03' } }],
    ['an empty filter', { Filter: {} }],
    ['an empty prefix', { Filter: { Prefix: '' } }],
    ['a combined filter', { Filter: { And: { Prefix: 'host_logs/' } } }],
    ['the older form', { Prefix: 'host_logs/' }],
    ['no condition', {}],
  ])('with %s deletes the objects that it matches', (_, conditions) => {
    expect(expiryOf([rule(30, conditions)], KEY)).toBe(30);
  });

  test.each<[string, Partial<LifecycleRule>]>([
    ['another table', { Filter: { Prefix: 'alerts/' } }],
    ['another day', { Filter: { Prefix: 'host_logs/dt=2026-04' } }],
    ['objects with a tag', { Filter: { Tag: { Key: 'temporary', Value: 'yes' } } }],
    [
      'tagged objects of the table',
      { Filter: { And: { Prefix: 'host_logs/', Tags: [{ Key: 'a', Value: 'b' }] } } },
    ],
    ['large objects', { Filter: { And: { Prefix: 'host_logs/', ObjectSizeGreaterThan: 1_000_000 } } }],
    ['earlier versions', { Expiration: {}, NoncurrentVersionExpiration: { NoncurrentDays: 30 } }],
    ['the table, but disabled,', { Status: 'Disabled' }],
  ])('for %s keeps an object', (_, conditions) => {
    expect(expiryOf([rule(30, conditions)], KEY)).toBeNull();
  });

  test('that deletes earlier than another one decides, in any order', () => {
    const rules = [rule(30, { Filter: { Prefix: 'host_logs/' } }), rule(400, { Filter: { Prefix: '' } })];
    expect(expiryOf(rules, KEY)).toBe(30);
    expect(expiryOf(rules.toReversed(), KEY)).toBe(30);
    expect(expiryOf(rules, 'alerts/dt=2026-03-02/x')).toBe(400);
  });

  test('is not needed', () => {
    expect(expiryOf([], KEY)).toBeNull();
  });
});
