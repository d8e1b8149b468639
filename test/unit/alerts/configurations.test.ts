import { describe, expect, test } from 'vitest';
import {
  configurationChange,
  configurationContent,
} from '../../../functions/alerts/configuration-changes.ts';
import { REDACTED, redacted } from '../../../functions/alerts/redaction.ts';
import { MINUTE } from '../../../shared/durations.ts';
import { T } from '../../support/times.ts';
import { configurationOf, iso } from './alert-documents.ts';

const time = { now: T + 10 * MINUTE, lastRun: T + 5 * MINUTE };

describe('a configuration', () => {
  test('is added when it was created, if that was since the last run, or else when it was observed', () => {
    const created = configurationOf({ created: iso(T + 7 * MINUTE) });
    expect(configurationChange(undefined, created, time)).toEqual({ change: 'added', ts: T + 7 * MINUTE });
    expect(configurationChange(undefined, configurationOf(), time)).toEqual({
      change: 'added',
      ts: time.now,
    });
  });

  test('is changed when it was updated, if that was since the last run, or else when it was observed', () => {
    const known = configurationContent(configurationOf());
    const threshold = { operator: 'LESS_THAN', threshold: 1, units: 'HOURS' };
    const updated = configurationOf({ threshold, updated: iso(T + 8 * MINUTE) });
    expect(configurationChange(known, updated, time)).toEqual({ change: 'changed', ts: T + 8 * MINUTE });
    expect(configurationChange(known, configurationOf({ threshold }), time)).toEqual({
      change: 'changed',
      ts: time.now,
    });
  });

  test('is unchanged when only links, `updated`, the order of keys or a credential differs', () => {
    const notification = (webhookSecret: string) => ({
      notifications: [
        { typeName: 'WEBHOOK', webhookSecret, webhookUrl: `https://example.com/${webhookSecret}` },
      ],
    });
    const known = configurationContent(configurationOf({ ...notification('one'), links: [1] }));
    const same = configurationOf({ ...notification('two'), links: [2], updated: iso(T + 9 * MINUTE) });
    expect(configurationChange(known, same, time)).toBeNull();
    const { id, ...rest } = same.document;
    expect(configurationContent({ ...same, document: { ...rest, id } })).toBe(known);
  });
});

describe('credentials', () => {
  const SECRET = 'CANARY-0123456789';

  test.each([
    ...[
      'apiToken',
      'notificationToken',
      'flowdockApiToken',
      'datadogApiKey',
      'opsGenieApiKey',
      'victorOpsApiKey',
    ],
    ...['victorOpsRoutingKey', 'serviceKey', 'webhookSecret', 'webhookUrl', 'microsoftTeamsWebhookUrl'],
    // Fields of kinds that do not exist yet.
    ...[
      'password',
      'accessKeyId',
      'clientSecret',
      'oauthCredential',
      'callbackURL',
      'Authorization',
      'signingKeys',
    ],
  ])('in a field named %s are replaced, whatever their form', (name) => {
    for (const value of [SECRET, `****${SECRET}`, [SECRET], { nested: SECRET }, 42]) {
      const document = { notifications: [{ typeName: 'X', [name]: value }], deeper: { [name]: value } };
      expect(redacted(document)).toEqual({
        notifications: [{ typeName: 'X', [name]: REDACTED }],
        deeper: { [name]: REDACTED },
      });
    }
  });

  test('in an address are replaced in any field', () => {
    expect(redacted({ target: `https://hooks.example.com/${SECRET}`, other: 'HOURS' })).toEqual({
      target: REDACTED,
      other: 'HOURS',
    });
  });

  test('are the only values that are replaced', () => {
    const document = {
      created: '2020-07-02T09:19:42Z',
      enabled: true,
      eventTypeName: 'OUTSIDE_METRIC_THRESHOLD',
      matchers: [{ fieldName: 'HOSTNAME_AND_PORT', operator: 'EQUALS', value: 'h.example.net:27017' }],
      metricThreshold: {
        metricName: 'CONNECTIONS',
        mode: 'AVERAGE',
        operator: 'GREATER_THAN',
        threshold: 80,
        units: 'RAW',
      },
      notifications: [
        {
          channelName: 'alerts',
          datadogRegion: 'EU',
          delayMin: 0,
          emailAddress: 'dba@example.com',
          emailEnabled: true,
          integrationId: '63698b66955c5b772dcf27d9',
          intervalMin: 60,
          mobileNumber: '+100000000',
          notifierId: '63698b66955c5b772dcf27d9',
          roles: ['GROUP_OWNER'],
          smsEnabled: false,
          teamId: '63698b66955c5b772dcf27d9',
          teamName: 'dba',
          typeName: 'GROUP',
          username: 'dba',
          webhookSecret: null,
        },
      ],
      severityOverride: 'WARNING',
    };
    expect(redacted(document)).toEqual(document);
  });
});
