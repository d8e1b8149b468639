import pc from 'picocolors';
import type { Resume } from '../shared/engine/errors.ts';
import type { RunProgress } from '../shared/engine/run-result.ts';
import type { RunSummary } from './run-summary.ts';
import { utcTime } from './times.ts';

/** Shows the progress of a tick. */
export interface Progress {
  update(progress: RunProgress): void;
  /** @param resume when the rest continues */
  finished(summary: RunSummary, resume: Resume): void;
  /** Leaves the last state on the terminal. */
  stop(): void;
}

/** Faster redraws are not visible. */
const REDRAW_MILLISECONDS = 100;

const SILENT: Progress = { update: () => {}, finished: () => {}, stop: () => {} };

/** Shows one line for each dataset and project: live in a terminal, otherwise only when it finishes. */
export async function startProgress(audience: 'people' | 'silent'): Promise<Progress> {
  if (audience === 'silent') return SILENT;
  return process.stdout.isTTY ? liveProgress(process.stdout) : plainProgress(process.stdout);
}

function plainProgress(out: NodeJS.WriteStream): Progress {
  return {
    ...SILENT,
    finished: (summary, resume) => out.write(`${finishedLine(summary, resume)}\n`),
  };
}

async function liveProgress(out: NodeJS.WriteStream): Promise<Progress> {
  // Loaded only for a terminal, because it is slow to load.
  const { createLogUpdate } = await import('log-update');
  const draw = createLogUpdate(out, { showCursor: true });
  const lines = new Map<string, { since: number; line: string }>();
  let drawnAt = 0;
  const redraw = (): void => {
    drawnAt = performance.now();
    draw([...lines.values()].map(({ line }) => line).join('\n'));
  };
  return {
    update(progress) {
      const key = `${progress.dataset}/${progress.subject.id}`;
      const since = lines.get(key)?.since ?? performance.now();
      const seconds = Math.max((performance.now() - since) / 1000, 0.1);
      lines.set(key, { since, line: runningLine(progress, seconds) });
      if (performance.now() - drawnAt > REDRAW_MILLISECONDS) redraw();
    },
    finished(summary, resume) {
      const key = `${summary.dataset}/${summary.project}`;
      lines.set(key, {
        since: lines.get(key)?.since ?? performance.now(),
        line: finishedLine(summary, resume),
      });
      redraw();
    },
    stop() {
      if (lines.size === 0) return;
      redraw();
      draw.done();
      lines.clear();
    },
  };
}

function runningLine({ dataset, subject, targets, rows, requests }: RunProgress, seconds: number): string {
  const rate = Math.round(rows / seconds);
  return `${pc.cyan('…')} ${head(dataset, subject.id)} ${counts(targets, rows, requests)}, ${rate} rows/s`;
}

/** Returns the line for a finished run. */
export function finishedLine(summary: RunSummary, resume: Resume): string {
  const { dataset, project, targets, rows, requests, failedTargets, outcome } = summary;
  const sign = outcome === 'complete' ? pc.green('✓') : outcome === 'continued' ? pc.cyan('…') : pc.red('✗');
  const failed = failedTargets > 0 ? `, ${failedTargets} failed` : '';
  const when = resume.kind === 'at' ? `, waits for the rate limit until ${utcTime(resume.time)}` : '';
  return `${sign} ${head(dataset, project)} ${counts(targets, rows, requests)}${failed}: ${outcome}${when}`;
}

function head(dataset: string, project: string): string {
  return `${dataset.padEnd(21)} ${project}`;
}

function counts(targets: number, rows: number, requests: number): string {
  return `${targets} targets, ${rows} rows, ${requests} requests`;
}
