import { describe, expect, it } from 'vitest';
import type { AccessHistory } from '../../../shared/atlas/api.ts';
import { ListRemarks } from '../../../shared/atlas/items.ts';
import { SessionRemarks } from '../../../shared/atlas/remarks.ts';
import { readEntries } from '../../../shared/atlas/schemas/access-history.ts';
import { MINUTE, SECOND } from '../../../shared/durations.ts';
import { T } from '../../support/times.ts';
import { HostHistory } from './host-history.ts';

/** An entry made `minute` minutes before T. */
interface Made {
  minute: number;
  isUnreadable?: boolean;
}

/** Returns what Atlas shows of these entries, newest first. */
function shown(made: readonly Made[], span: { start: number; end: number }): AccessHistory {
  const list = made
    .map(({ minute, isUnreadable }) => ({ time: T - minute * MINUTE, isUnreadable: isUnreadable ?? false }))
    .filter(({ time }) => time >= span.start && time <= span.end)
    .sort((a, b) => b.time - a.time)
    .map(({ time, isUnreadable }) => ({
      logLine: `line of ${new Date(time).toISOString()}`,
      ...(!isUnreadable && { timestamp: new Date(time).toISOString() }),
    }));
  return readEntries(list, new ListRemarks('accessHistory', ['accessLogs'], new SessionRemarks()));
}

const at = (minute: number) => T - minute * MINUTE;
const MADE: Made[] = [{ minute: 100 }, { minute: 80, isUnreadable: true }, { minute: 70 }, { minute: 12 }];

describe('an entry without a time', () => {
  it('becomes one gap between its neighbours, and the other entries are written', async () => {
    const host = new HostHistory((span) => shown(MADE, span));
    const { lines, gaps } = await host.run(T, { backfill: 120 * MINUTE });
    expect(lines).toHaveLength(3);
    expect(gaps).toEqual([{ from: at(100), to: at(70) + SECOND, reason: 'log entries that cannot be read' }]);
    expect((await host.run(T + 10 * MINUTE)).gaps).toEqual([]);
  });

  it('is in one gap although later runs read it again in the lookback', async () => {
    const made = [{ minute: 13 }, { minute: 11, isUnreadable: true }, { minute: 10.5 }];
    const host = new HostHistory((span) => shown(made, span));
    const settings = { overlap: 30 * MINUTE };
    expect((await host.run(T, settings)).gaps).toHaveLength(1);
    for (const later of [1, 2, 10, 25])
      expect((await host.run(T + later * MINUTE, settings)).gaps).toEqual([]);
  });

  it('is in a gap when it appears late, before the watermark', async () => {
    const made: Made[] = [{ minute: 20 }, { minute: 10.5 }];
    const host = new HostHistory((span) => shown(made, span));
    const settings = { overlap: 30 * MINUTE };
    await host.run(T, settings);
    made.push({ minute: 15, isUnreadable: true });
    expect((await host.run(T + MINUTE, settings)).gaps).toMatchObject([
      { from: at(20), to: at(10.5) + SECOND },
    ]);
    expect((await host.run(T + 2 * MINUTE, settings)).gaps).toEqual([]);
  });

  it('becomes a gap over the requested span when it is the only entry', async () => {
    const host = new HostHistory((span) => shown([{ minute: 30, isUnreadable: true }], span));
    const { gaps } = await host.run(T, { backfill: 60 * MINUTE });
    expect(gaps).toHaveLength(1);
    expect(gaps[0]?.from).toBeLessThanOrEqual(at(30));
    expect(gaps[0]?.to).toBeGreaterThan(at(30));
  });

  it('is written once it can be read, while it is in the lookback', async () => {
    const made: Made[] = [{ minute: 20 }, { minute: 12, isUnreadable: true }];
    const host = new HostHistory((span) => shown(made, span));
    const settings = { overlap: 30 * MINUTE };
    await host.run(T, settings);
    made[1] = { minute: 12 };
    const { lines } = await host.run(T + MINUTE, settings);
    expect(lines).toEqual([`line of ${new Date(at(12)).toISOString()}`]);
  });
});
