import { HOUR } from '../../../../shared/durations.ts';
import type {
  ListOwner,
  ListParameters,
  ResourceList,
} from '../../../../simulator/resources/resource-list.ts';
import { listParametersAt, resourcesAt } from '../../../../simulator/resources/resources.ts';
import { type Document, differences, idOf, inLake } from '../../../support/inventory-kinds.ts';
import { type History, minuteOf } from '../history.ts';
import type { Advance } from './advances.ts';
import { formatInstant } from './instants.ts';
import { type CommittedRow, checkRevisions } from './lake.ts';

interface Observations {
  list: ResourceList;
  owner: ListOwner;
  parameters: ListParameters;
  advances: readonly Advance[];
  /** The rows of this list. */
  rows: readonly CommittedRow[];
  /** The times when some items of the list were unreadable. */
  unreadable: History['unreadable'];
}

/** Checks that the rows of one list report when its resources appeared, changed and disappeared, as runs could see it. */
export class ListCheck {
  readonly #observed: Observations;
  /** The rows by id, in order. */
  readonly #rows: ReadonlyMap<string, readonly CommittedRow[]>;
  readonly #violations: string[] = [];

  constructor(observations: Observations) {
    this.#observed = observations;
    const ordered = [...observations.rows].sort((a, b) => a.sequence - b.sequence);
    this.#rows = Map.groupBy(ordered, ({ values }) => String(values['resource_id']));
  }

  violations(): string[] {
    const { advances } = this.#observed;
    for (const [id, rows] of this.#rows) this.#checkChangeOrder(id, rows);
    for (const advance of advances) this.#checkRows(advance);
    const complete = advances.filter(readEverything).filter((advance) => !this.#mayLackItems(advance));
    for (const advance of complete) this.#checkListing(advance);
    return this.#violations;
  }

  /** Checks that a resource is added, then changes or is written in full again, then is removed, and may come back. */
  #checkChangeOrder(id: string, rows: readonly CommittedRow[]): void {
    const { list } = this.#observed;
    const changes = rows.map(({ values }) => String(values['change'])).join(' ');
    if (
      !/^(added( changed| snapshot)*( removed |$))+$/.test(
        `${changes}${changes.endsWith('removed') ? ' ' : ''}`,
      )
    )
      this.#violations.push(`${id} has an impossible sequence of changes: ${changes}`);
    this.#violations.push(...checkRevisions(rows));
    for (const [index, { values }] of rows.entries()) {
      const before = documentOf(rows[index - 1]);
      const [after, change] = [documentOf(rows[index]), values['change']];
      if (before === null || after === null) continue;
      const changed = differences(list.kind, before, after);
      if (changed.length > 0 !== (change === 'changed'))
        this.#violations.push(`${id} is ${String(change)}, but differs in ${changed.join()}`);
      if (change === 'changed' && JSON.stringify(changed) !== values['changed_fields'])
        this.#violations.push(`${id} differs in ${changed.join()}, not ${String(values['changed_fields'])}`);
    }
  }

  /** Checks that every row has the document that Atlas showed at some instant of its run, or none if there was none. */
  #checkRows(advance: Advance): void {
    const shown = this.#shown(advance);
    for (const [id, rows] of this.#rows) {
      for (const row of rows.filter(({ sequence }) => sequence === advance.sequence)) {
        const document = documentOf(row);
        const wanted = document && text(document);
        if (!shown.some((documents) => (documents.get(id) ?? null) === wanted))
          this.#violations.push(`a row that Atlas did not show: ${JSON.stringify(row.values)}`);
      }
    }
  }

  /** Checks that rows report each resource that was there while a run read, and remove what two lists in a row lacked. */
  #checkListing(advance: Advance): void {
    const { list } = this.#observed;
    const shown = this.#shown(advance);
    const earlier = this.#shownBefore(advance);
    for (const id of new Set([
      ...this.#rows.keys(),
      ...shown.flatMap((documents) => [...documents.keys()]),
    ])) {
      const last = documentOf(this.#rows.get(id)?.findLast(({ sequence }) => sequence <= advance.sequence));
      const documents = shown.map((all) => all.get(id) ?? null);
      const [first = null] = documents;
      if (new Set(documents).size > 1) continue;
      const wasGone = earlier.length > 0 && earlier.every((all) => !all.has(id));
      if (first === null && wasGone && last !== null)
        this.#violations.push(
          `${id} was gone in the run of ${formatInstant(advance.run.tick)}, but no row reports it`,
        );
      const isReported =
        last !== null && first !== null && differences(list.kind, last, JSON.parse(first)).length === 0;
      if (first !== null && !isReported)
        this.#violations.push(
          `${first} was there in the run of ${formatInstant(advance.run.tick)}, but the last row has ${JSON.stringify(last)}`,
        );
    }
  }

  /**
   * Returns what Atlas showed to earlier lists, back to the last list that read every item. Partial lists in between count:
   * one of them may have read this resource, and then the resource is missing only since that list.
   */
  #shownBefore(advance: Advance): Map<string, string>[] {
    const shown: Map<string, string>[] = [];
    for (let before = advance.previous; before; before = before.previous) {
      if (!readEverything(before)) continue;
      if (before.run === advance.run) return [];
      shown.push(...this.#shown(before));
      if (!this.#mayLackItems(before)) return shown;
    }
    return [];
  }

  /** Returns whether items were unreadable during a run. The run may not report them, and must not report them as removed. */
  #mayLackItems({ run, at }: Advance): boolean {
    return this.#observed.unreadable.some(
      ({ from, to }) => at >= minuteOf(from) && run.startedAt <= minuteOf(to),
    );
  }

  /** Returns the documents that Atlas showed, as texts by id, at instants of a run between which almost nothing changes. */
  #shown({ run, at }: Advance): Map<string, string>[] {
    const hours: number[] = [];
    for (let hour = Math.ceil(run.startedAt / HOUR) * HOUR; hour < at; hour += HOUR)
      hours.push(hour - 1, hour);
    return [run.startedAt, ...hours, at].map((instant) => this.#documentsAt(instant));
  }

  #documentsAt(instant: number): Map<string, string> {
    const { list, owner, parameters } = this.#observed;
    const ownerId = owner.project?.id ?? owner.organisation.id;
    const isThere = listParametersAt(list, owner, instant).some((other) =>
      Object.entries(other).every(([name, value]) => parameters[name] === value),
    );
    const documents = isThere ? resourcesAt(list, owner, parameters, instant) : [];
    return new Map(
      documents.map((document) => [idOf(list.kind, document, ownerId), text(inLake(list.kind, document))]),
    );
  }
}

/** A list's watermark is the tick of the run that read it. Before the first read it is an hour earlier. */
function readEverything({ from, to, run }: Advance): boolean {
  return to === run.tick && from !== to;
}

function documentOf(row: CommittedRow | undefined): Document | null {
  const document = row?.values['document'];
  return typeof document === 'string' ? JSON.parse(document) : null;
}

function text(document: unknown): string {
  return JSON.stringify(document, (_, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}
