import { readFileSync } from 'node:fs';

/** How often it is looked: killed and started again within this time, two would meet on one lake. */
const INTERVAL = 100;

const SHELLS = new Set(['sh', 'dash', 'bash']);

/**
 * `npx` and `npm start` run this program as their child, through a shell. Killed with SIGKILL they cannot pass that
 * on, and the child would go on unseen; so it looks whether npm is still there. Started in any other way, for example
 * in the background of a shell that ends, it may well outlive its parent.
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

/** From Linux's process table; undefined where there is none, or no such process. */
function statusOf(pid: number): { name: string; parent: number } | undefined {
  try {
    const match = /^\d+ \((.*)\) \S (\d+) /s.exec(readFileSync(`/proc/${pid}/stat`, 'latin1'));
    return match ? { name: match[1] ?? '', parent: Number(match[2]) } : undefined;
  } catch {
    return undefined;
  }
}
