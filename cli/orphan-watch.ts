/** How often the parent is looked for: killed and started again within this time, two would meet on one lake. */
const INTERVAL = 100;

/**
 * `npx` and `npm start` run this program as their child. Killed with SIGKILL they cannot pass that on, and the
 * child would go on unseen; so it looks whether its parent is still the one that started it. Started in any other
 * way, for example in the background of a shell that ends, it may well outlive its parent.
 */
export function endWithNpm(): void {
  if (process.env['npm_command'] === undefined) return;
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL');
  }, INTERVAL).unref();
}
