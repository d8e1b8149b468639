import { checkAdvance, checkWatermarkOrder } from './advance-check.ts';
import { checkBackfills } from './backfill-check.ts';
import { checkAppearances, checkRemovedTarget, checkSilentProcess } from './presence-check.ts';
import { checkGaps, checkNoOverlap, checkValues } from './row-check.ts';
import { checkComplete, checkFinalCheck } from './run-check.ts';
import { type Observations, TargetFacts } from './target-facts.ts';

/** Checks every promise about the measurements of one target, and returns the violations. */
export function checkTarget(observations: Observations): readonly string[] {
  const facts = new TargetFacts(observations);
  checkValues(facts);
  checkNoOverlap(facts);
  checkWatermarkOrder(facts);
  for (const [index, advance] of observations.advances.entries()) checkAdvance(facts, advance, index);
  for (const run of observations.runs) {
    checkComplete(facts, run);
    checkFinalCheck(facts, run);
  }
  checkAppearances(facts);
  checkRemovedTarget(facts);
  checkSilentProcess(facts);
  checkGaps(facts);
  checkBackfills(facts);
  return facts.violations;
}
