import type { PlainValue } from '../duckdb/plain-value.ts';
import { nameOf, type SubjectNames } from '../subject-names.ts';
import { type Html, html, raw } from './html.ts';
import type { Column, Part, Row } from './section.ts';
import { humanValue, type Unit } from './units.ts';

export interface TableLook {
  names: SubjectNames;
  /** Maximum rows. The query below the table returns all. */
  most: number;
  /** The ids of the elements that name the table. */
  labelledBy: string;
}

/** The units of which a value is aligned left. */
const TEXTS: ReadonlySet<Unit> = new Set(['text', 'subject', 'day', 'month', 'forecast']);

/** Texts of at most this many characters are not broken into lines. A column with longer ones than `LONG` is wide. */
const SHORT = 14;
const LONG = 60;

/** Maximum rows of a table on paper. `style.css` hides the others there. */
const PRINTED_ROWS = 40;

/** A column, as the page shows it. */
interface Look extends Column {
  label: string;
  /** The class of its cells. */
  kind: 'number' | 'short' | 'wide' | 'text';
  /** Returns the value of a row as people read it. */
  human(row: Row): string;
}

/**
 * Returns a part's table. It names the roles of its elements, because a narrow page shows each row as a block, and each
 * value beside its heading.
 */
export function tableHtml({ columns, rows, sql }: Part, { names, most, labelledBy }: TableLook): Html {
  const shown = rows.slice(0, most);
  const looks = columns.map((column) => lookOf(column, shown, names));
  const heads = looks.map(
    ({ kind, label }) => html`<th role="columnheader" scope="col" class="${kind}">${label}</th>`,
  );
  const body = shown.map((row) => html`<tr role="row">${looks.map((look) => cellHtml(row, look))}</tr>\n`);
  const all = rows.length.toLocaleString('en-US');
  const more = sql === null ? '' : ' Run the query to get all.';
  return html`<div class="scroll" role="region" tabindex="0" aria-labelledby="${labelledBy}"><table role="table">
<thead role="rowgroup"><tr role="row">${heads}</tr></thead>
<tbody role="rowgroup">
${body}</tbody>
</table></div>
${rows.length > shown.length ? html`<p class="empty screen">Showing the first ${most} of ${all} rows.${more}</p>` : raw('')}${rows.length > PRINTED_ROWS ? html`<p class="empty paper">Printed: the first ${PRINTED_ROWS} of ${all} rows.</p>` : raw('')}`;
}

function lookOf(column: Column, rows: readonly Row[], names: SubjectNames): Look {
  const { name, heading, unit } = column;
  const human = (row: Row) => {
    const value = row[name] ?? null;
    return unit === 'subject' && value !== null ? nameOf(names, String(value)) : humanValue(value, unit);
  };
  const longest = rows.reduce((most, row) => Math.max(most, human(row).length), 0);
  const kind = longest <= SHORT ? 'short' : longest > LONG ? 'wide' : 'text';
  return {
    ...column,
    label: unit === 'time' ? `${heading} (UTC)` : heading,
    kind: TEXTS.has(unit) ? kind : 'number',
    human,
  };
}

function cellHtml(row: Row, { name, unit, label, kind, link, human }: Look): Html {
  const broken = breakable(human(row));
  const target = link?.(row) ?? null;
  const shown = target === null ? broken : html`<a href="#${target}">${broken}</a>`;
  // Text from Atlas may be written from right to left, and must not turn what is around it.
  return html`<td role="cell" class="${kind}" data-label="${label}"${titleOf(row[name] ?? null, unit)}><bdi>${shown}</bdi></td>`;
}

/** Lets a browser break words such as SHARD_SECONDARY and shop.orders where people would, but no address. */
function breakable(text: string): Html {
  const [first = '', ...others] = text.split(/(?<=[_/])(?=.)|(?<=\.)(?=\D)/);
  return html`${first}${others.map((piece) => html`<wbr>${piece}`)}`;
}

/** Returns the exact value of a number and the id of a name. A forecast has none: its digits say nothing. */
function titleOf(value: PlainValue, unit: Unit): Html {
  if (unit === 'text' || unit === 'day' || unit === 'forecast') return raw('');
  return html` title="${value === null ? 'none' : String(value)}"`;
}
