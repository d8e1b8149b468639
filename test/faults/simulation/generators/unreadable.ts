import type { UnreadableItems } from '../history.ts';
import { Random } from '../random.ts';

/** The share of histories in which some items of lists are unreadable for a while. */
const SHARE = 0.3;

/** Returns unreadable items for half an hour to two days. Only the seed decides, so the rest of a history stays the same. */
export function unreadableOf(seed: number): UnreadableItems[] {
  const random = new Random(seed ^ 0x5eed);
  if (!random.chance(SHARE)) return [];
  const from = random.below(600) - 60;
  return [{ items: random.below(1000), from, to: from + 30 + random.below(2 * 24 * 60) }];
}
