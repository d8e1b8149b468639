import { readFileSync } from 'node:fs';

/** Check interval, ms. If npm is killed and restarted within this time, two processes use the same lake. */
const INTERVAL = 100;

const SHELLS = new Set(['sh', 'dash', 'bash']);

/**
 * Ends this process when npm is gone. `npx` and `npm start` run it as a child of a shell and cannot forward SIGKILL,
 * so it would continue unnoticed. A process that was started in any other way may outlive its parent.
 */
export function endWithNpm(): void {
  if (process.env['npm_command'] === undefined) return;
  const shell = process.ppid;
  const npm = SHELLS.has(statusOf(shell)?.name ?? '') ? statusOf(shell)?.parent : undefined;
  setInterval(() => {
    const orphaned = process.ppid !== shell || (npm !== undefined && statusOf(shell)?.parent !== npm);
    if (orphaned) process.kill(process.pid, 'SIGKILL');
  }, INTERVAL).unref();
}

/** Reads Linux's process table. Returns undefined if there is no such table or process. */
function statusOf(pid: number): { name: string; parent: number } | undefined {
  try {
    const match = /^\d+ \((.*)\) \S (\d+) /s.exec(readFileSync(`/proc/${pid}/stat`, 'latin1'));
    return match ? { name: match[1] ?? '', parent: Number(match[2]) } : undefined;
  } catch {
    return undefined;
  }
}
