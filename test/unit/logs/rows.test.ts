import { describe, expect, it } from 'vitest';
import { auditLogKind } from '../../../functions/audit-logs/log-kind.ts';
import { hostLogKind } from '../../../functions/host-logs/log-kind.ts';
import type { LogEntry } from '../../../shared/logs/log-kind.ts';

const TIME = Date.parse('2026-03-02T12:00:00.123Z');
const DATE = '{"$date":"2026-03-02T12:00:00.123+00:00"}';
const CONTEXT = { project: 'p', clusterName: 'c', hostname: 'h', logName: 'mongodb', collectedAt: 1 };

const entry = (text: string, more: Partial<LogEntry> = {}): LogEntry => ({
  time: TIME,
  text,
  isCut: false,
  bytes: text.length,
  recordId: 'r',
  ...more,
});
const hostRow = (text: string, more?: Partial<LogEntry>) => hostLogKind.rowOf(entry(text, more), CONTEXT);
const auditRow = (text: string) => auditLogKind.rowOf(entry(text), CONTEXT);

describe('the time of a line', () => {
  it.each([
    ['{"t":{"$date":"2026-03-02T12:00:00.123+00:00"},"s":"I"', TIME],
    ['{"t":{"$date":"2026-03-02T13:00:00.123+01:00"}}', TIME],
    ['{ "t" : { "$date" : "2026-03-02T12:00:00.123Z" }', TIME],
    ['2026-03-02T12:00:00.123+0000 I  CONTROL  [main] text', TIME],
    ['2026-03-02T12:00:00.123Z I text', TIME],
    [' 2026-03-02T12:00:00.123Z I text', undefined],
    ['{"t":{"$date":"yesterday"}}', undefined],
    ['{"t":{"$date":"2026-02-30T12:00:00.123Z"}}', undefined],
    ['{"t":{"$date":"2026-03-02T12:00', undefined],
    ['  at frame', undefined],
    ['', undefined],
  ])('%s', (line, time) => {
    expect(hostLogKind.timeOf(line)).toBe(time);
  });

  it.each([
    [`{ "atype" : "authenticate", "ts" : { "$date" : "2026-03-02T12:00:00.123+00:00" }, "local"`, TIME],
    [`{"atype":"authenticate","ts":${DATE}`, TIME],
    [`{"ts":${DATE}`, undefined],
    ['{"atype":"a","t":1}', undefined],
  ])('of an audit log: %s', (line, time) => {
    expect(auditLogKind.timeOf(line)).toBe(time);
  });
});

describe('a row of a host log', () => {
  it('has a column for each field, and the others as JSON with all digits', () => {
    const text = `{"t":${DATE},"s":"W",  "c":"-", "id":22943, "svc":"S", "ctx":"conn1","msg":"m","attr":{"n":90071992547409931},"tags":["a"]}`;
    expect(hostRow(text)).toEqual({
      project_id: 'p',
      cluster_name: 'c',
      hostname: 'h',
      log_name: 'mongodb',
      ts: TIME,
      severity: 'W',
      component: '-',
      log_id: 22943,
      context: 'conn1',
      message: 'm',
      attributes: '{"n":90071992547409931}',
      further_fields: '{"svc":"S","tags":["a"]}',
      raw_line: null,
      line_bytes: text.length,
      record_id: 'r',
      collected_at: 1,
    });
  });

  it('keeps fields of unknown types among the others', () => {
    expect(hostRow(`{"t":${DATE},"s":1,"c":null,"id":"x","__proto__":{"a":1}}`)).toMatchObject({
      severity: null,
      log_id: null,
      attributes: null,
      further_fields: '{"s":1,"c":null,"id":"x","__proto__":{"a":1}}',
    });
  });

  it.each([
    ['a truncated line', `{"t":${DATE},"s":"I","msg":"tru`],
    ['plain text', '2026-03-02T12:00:00.123+0000 I  CONTROL  [main] text'],
    ['an empty line', ''],
    ['a line of another time', '{"t":{"$date":"2026-03-02T12:00:00.124+00:00"},"s":"I"}'],
    ['a list', `[{"t":${DATE}}]`],
    ['a line that is nested too deeply', `{"t":${DATE},"attr":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
  ])('of %s is the line', (_what, text) => {
    expect(hostRow(text)).toMatchObject({
      severity: null,
      attributes: null,
      further_fields: null,
      raw_line: text,
    });
  });

  it('of a line that was cut is its beginning, although that is JSON', () => {
    const text = `{"t":${DATE}}`;
    expect(hostRow(text, { isCut: true, bytes: 5_000_000 })).toMatchObject({
      raw_line: text,
      line_bytes: 5_000_000,
    });
  });
});

describe('a row of an audit log', () => {
  it('has the first user, both addresses, and everything else as JSON', () => {
    const text = `{ "atype" : "createUser", "ts" : ${DATE}, "uuid" : {"$binary":"x"}, "local" : {"ip":"10.0.0.1","port":27017}, "remote":{"unix":"/tmp/s"}, "users":[{"user":"ann","db":"admin"},{"user":"bob","db":"x"}],"roles":[],"param":{"user":"eve"},"result":18}`;
    expect(auditRow(text)).toMatchObject({
      ts: TIME,
      atype: 'createUser',
      local_address: '10.0.0.1',
      local_port: 27017,
      remote_address: '/tmp/s',
      remote_port: null,
      username: 'ann',
      user_database: 'admin',
      users: '[{"user":"ann","db":"admin"},{"user":"bob","db":"x"}]',
      roles: '[]',
      param: '{"user":"eve"}',
      result: 18,
      further_fields: '{"uuid":{"$binary":"x"}}',
      raw_line: null,
    });
  });

  it('keeps ends of another form, and has no user if there is none', () => {
    const text = `{"atype":"a","ts":${DATE},"local":{"isSystemUser":true},"remote":{"ip":"10.0.0.1","port":1,"proxy":true},"users":[]}`;
    expect(auditRow(text)).toMatchObject({
      local_address: null,
      remote_address: null,
      username: null,
      users: '[]',
      further_fields: '{"local":{"isSystemUser":true},"remote":{"ip":"10.0.0.1","port":1,"proxy":true}}',
    });
  });

  it('of a truncated line is the line', () => {
    const text = `{ "atype" : "a", "ts" : ${DATE}, "loc`;
    expect(auditRow(text)).toMatchObject({ atype: null, raw_line: text });
  });
});
