/** The clock of the simulated Atlas. */
export interface SimulatorClock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  now(): number;
  /** Moves the clock to an instant, forward or back. */
  set(instant: number): void;
  /** Moves the clock forward. */
  advance(milliseconds: number): void;
}

export interface ClockOptions {
  /** The start, in milliseconds since 1970-01-01T00:00:00Z. */
  now: number;
  /** Whether real time passes from there on; otherwise the clock stands still until it is moved. */
  running: boolean;
}

export function createClock({ now, running }: ClockOptions): SimulatorClock {
  let instant = now;
  let since = performance.now();
  const read = () => (running ? instant + Math.floor(performance.now() - since) : instant);
  const set = (moved: number) => {
    instant = moved;
    since = performance.now();
  };
  return { now: read, set, advance: (milliseconds) => set(read() + milliseconds) };
}
