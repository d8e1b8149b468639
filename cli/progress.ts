import pc from 'picocolors';
import { SECOND } from '../shared/durations.ts';
import type { Resume } from '../shared/engine/errors.ts';
import type { RunProgress } from '../shared/engine/run-result.ts';
import type { RunSummary } from './run-summary.ts';
import { nameOf, type SubjectNames } from './subject-names.ts';
import { utcTime } from './times.ts';
import { TotalProgress } from './total-progress.ts';
import { grouped, wrapWords } from './words.ts';

/** Shows the progress of one or several ticks. */
export interface Progress {
  /** Names the projects from now on. */
  named(names: SubjectNames): void;
  /**
   * Names the step that begins, such as `hour 3 of 6`.
   * @param share the share of the work that is done, from 0 to 1; null if it is unknown, so that no end can be foreseen
   */
  step(name: string, share: number | null): void;
  update(progress: RunProgress): void;
  /**
   * Ends a run.
   * @param resume when the rest continues
   * @param shown whether the run gets a line that stays
   */
  finished(summary: RunSummary, resume: Resume, shown?: boolean): void;
  /** Ends the display. */
  stop(): void;
}

/** Faster redraws are not visible. */
const REDRAW_MILLISECONDS = 100;

/** Without a terminal, the time after which a line says that the work still goes on. */
const HEARTBEAT_MILLISECONDS = 10 * SECOND;

const SILENT: Progress = {
  named: () => {},
  step: () => {},
  update: () => {},
  finished: () => {},
  stop: () => {},
};

/**
 * Shows a line for each finished run. A terminal also shows the runs that go on and the progress of the whole; a pipe or
 * file gets a line about the whole every ten seconds.
 */
export async function startProgress(audience: 'people' | 'silent'): Promise<Progress> {
  if (audience === 'silent') return SILENT;
  return process.stdout.isTTY ? liveProgress(process.stdout) : plainProgress(process.stdout);
}

function plainProgress(out: NodeJS.WriteStream): Progress {
  const total = new TotalProgress();
  let names: SubjectNames = new Map();
  let heartbeat: NodeJS.Timeout | undefined;
  const beat = () => out.write(`… ${total.line(performance.now())}\n`);
  return {
    named(known) {
      names = known;
    },
    step(name, share) {
      total.step(name, share, performance.now());
      heartbeat ??= setInterval(beat, HEARTBEAT_MILLISECONDS).unref();
    },
    update: (progress) => total.update(progress),
    finished(summary, resume, shown = true) {
      total.finished(summary);
      if (!shown) return;
      out.write(`${finishedLine(summary, resume, names)}\n`);
      heartbeat?.refresh();
    },
    stop: () => clearInterval(heartbeat),
  };
}

async function liveProgress(out: NodeJS.WriteStream): Promise<Progress> {
  // Loaded only for a terminal, because it is slow to load.
  const { createLogUpdate } = await import('log-update');
  const draw = createLogUpdate(out, { showCursor: true });
  const total = new TotalProgress();
  const running = new Map<string, string>();
  let names: SubjectNames = new Map();
  const fitted = (line: string) => wrapWords(line, out.columns);
  let drawnAt = 0;
  const redraw = (): void => {
    drawnAt = performance.now();
    draw([...running.values(), total.line(drawnAt)].map(fitted).join('\n'));
  };
  return {
    named(known) {
      names = known;
    },
    step(name, share) {
      total.step(name, share, performance.now());
      redraw();
    },
    update(progress) {
      total.update(progress);
      running.set(keyOf(progress.dataset, progress.subject.id), runningLine(progress, names));
      if (performance.now() - drawnAt > REDRAW_MILLISECONDS) redraw();
    },
    finished(summary, resume, shown = true) {
      total.finished(summary);
      running.delete(keyOf(summary.dataset, summary.project));
      draw.clear();
      if (shown) out.write(`${fitted(finishedLine(summary, resume, names))}\n`);
      redraw();
    },
    stop() {
      draw.clear();
      draw.done();
    },
  };
}

function keyOf(dataset: string, subject: string): string {
  return `${dataset}/${subject}`;
}

/** Returns the line of a run that goes on. */
export function runningLine(
  { dataset, subject, done, targets, rows, requests }: RunProgress,
  names: SubjectNames,
): string {
  const of = `targets ${grouped(done)} of ${grouped(targets)}`;
  return `${pc.cyan('…')} ${head(dataset, nameOf(names, subject.id))} ${of}, ${count(rows, 'row')}, ${count(requests, 'request')}`;
}

/** Returns the line of a finished run. */
export function finishedLine(summary: RunSummary, resume: Resume, names: SubjectNames): string {
  const { dataset, project, targets, rows, requests, failedTargets, throttled, outcome } = summary;
  const sign = outcome === 'complete' ? pc.green('✓') : outcome === 'continued' ? pc.cyan('…') : pc.red('✗');
  const facts = [
    count(targets, 'target'),
    count(rows, 'row'),
    count(requests, 'request'),
    ...(throttled > 0 ? [`${count(throttled, 'request')} refused by the rate limit`] : []),
    ...(failedTargets > 0 ? [`${failedTargets} failed`] : []),
  ];
  const when = resume.kind === 'at' ? `, waits for the rate limit until ${utcTime(resume.time)}` : '';
  return `${sign} ${head(dataset, nameOf(names, project))} ${facts.join(', ')}: ${outcome}${when}`;
}

function head(dataset: string, project: string): string {
  return `${dataset.padEnd(21)} ${project}`;
}

function count(number: number, what: string): string {
  return `${grouped(number)} ${what}${number === 1 ? '' : 's'}`;
}
