import { writeFileSync } from 'node:fs';

/** Writes the most memory that the process has had, in kB, to the file that the environment names. */
process.on('exit', () => {
  const file = process.env['MEMORY_REPORT'];
  if (file !== undefined) writeFileSync(file, String(process.resourceUsage().maxRSS));
});
