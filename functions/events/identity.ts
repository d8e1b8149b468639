import { hash } from 'node:crypto';
import type { AtlasEvent } from '../../shared/atlas/api.ts';
import type { Identity } from '../../shared/histories/merge.ts';

/**
 * How to tell events apart: by Atlas's id, of which the lookback keeps a hash. An unreadable event is identified by the
 * place where it must lie, because two of them in one place are one gap, and by its id if it has one, because its
 * neighbours can change.
 */
export const EVENT_IDENTITY: Identity<AtlasEvent> = {
  timeOf: ({ created }) => created,
  idOf: ({ id }) => hash('sha256', id, 'hex'),
  // Not the hash of a readable event, which would seem to be in the lake when it can be read again.
  unreadableIdsOf: ({ identity }, { from, to }) =>
    [[from, to], ...(identity === null ? [] : [['unreadable', identity]])].map((parts) =>
      hash('sha256', JSON.stringify(parts), 'hex'),
    ),
  // Not merged, so that each place is one gap, whichever others a response has.
  gapsOf: (spans) => [...spans],
  unreadableReason: 'events that cannot be read',
};
