import { type Cursor, newCursor, type Target } from '../../shared/engine/cursor.ts';
import { SELF } from '../../shared/engine/dataset.ts';

type About = Partial<Pick<Target<unknown>, 'source' | 'name' | 'missingSince'>> &
  Partial<Pick<Cursor<unknown>, 'attributes' | 'listingAt' | 'hasData'>>;

/** Returns a listed target that is its source as a whole, unless `about` says otherwise. */
export function targetOf<State>(state: State, about: About = {}): Target<State> {
  const { source = 'source', name = SELF, missingSince = null } = about;
  const { attributes = {}, listingAt = null, hasData = true } = about;
  const cursor: Cursor<State> = { ...newCursor<State>(source, attributes), listingAt, hasData };
  const target = { source, name, cursor, item: 0, state, listed: true };
  return { ...target, missingSince, missingDays: 0, missingDay: null };
}
