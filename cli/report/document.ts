import { createHash } from 'node:crypto';
import type { Verdict } from '../check/verdict.ts';
import type { Charts } from './chart-spec.ts';
import { type Html, html, raw } from './html.ts';
import type { Part, Section } from './section.ts';
import { humanValue } from './units.ts';

/** Maximum rows of a table. The query below the table returns all. */
const TABLE_ROWS = 200;

export interface Report {
  title: string;
  /** The lake, and when the report was created, with the time zone. */
  subtitle: string;
  /** Whether all is well at that time: the same as `check` says. */
  verdict: Verdict;
  sections: readonly Section[];
}

/**
 * Returns the complete page. It loads nothing, and its content security policy allows only its own script, so that a
 * name from Atlas can never run as code.
 */
export function reportDocument(
  { title, subtitle, verdict, sections }: Report,
  code: { script: string; style: string },
): string {
  const policy = `default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-${createHash('sha256').update(code.script).digest('base64')}'; base-uri 'none'; form-action 'none'`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${raw(code.style)}</style>
</head>
<body>
<a class="skip" href="#content">Skip to content</a>
<header>
<h1>${title}</h1>
<p>${subtitle}</p>
<nav aria-label="Sections"><ul>${sections.map(({ id, title: name }) => html`<li><a href="#${id}">${name}</a></li>`)}</ul></nav>
</header>
<main id="content" tabindex="-1">${verdictHtml(verdict)}${sections.map(sectionHtml)}</main>
<footer><p>All times are UTC. Sizes are decimal: 1 GB is 1,000,000,000 bytes. Charts need JavaScript. The tables contain the same data.</p></footer>
<script type="application/json" id="charts">${raw(asScriptData(chartsOf(sections)))}</script>
<script>${raw(code.script)}</script>
</body>
</html>
`.html;
}

function verdictHtml({ verdict, summary, problems, notes }: Verdict): Html {
  const items = problems.map(({ message }) => html`<li>${message}</li>\n`);
  return html`<section id="verdict" class="verdict ${verdict}" aria-labelledby="verdict-title">
<h2 id="verdict-title">${summary}</h2>
${items.length > 0 ? html`<ul>\n${items}</ul>` : raw('')}
${notes.map((note) => html`<p>${note}</p>\n`)}</section>
`;
}

function sectionHtml({ id, title, intro, parts }: Section): Html {
  return html`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}</h2>
<p>${intro}</p>
${parts.map(partHtml)}
</section>
`;
}

function partHtml(part: Part): Html {
  const { id, title, chart, rows, empty, sql } = part;
  const picture =
    chart && rows.length > 0
      ? html`<div class="chart ${chart.spec.kind}" id="chart-${id}" role="img" aria-label="${chart.description} The table below has the data."></div>`
      : raw('');
  return html`<article aria-labelledby="${id}-title">
<h3 id="${id}-title">${title}</h3>
${picture}${rows.length === 0 ? html`<p class="empty">${empty}</p>` : tableHtml(part)}
<details><summary>SQL query</summary><pre tabindex="0">${sql}</pre></details>
</article>
`;
}

function tableHtml({ id, columns, rows }: Part): Html {
  const shown = rows.slice(0, TABLE_ROWS);
  const heads = columns.map(
    ({ heading, unit }) =>
      html`<th scope="col"${unit === 'text' || unit === 'day' ? raw('') : raw(' class="number"')}>${unit === 'time' ? `${heading} (UTC)` : heading}</th>`,
  );
  const body = shown.map(
    (row) =>
      html`<tr>${columns.map(({ name, unit }) => {
        const value = row[name] ?? null;
        const human = humanValue(value, unit);
        if (unit === 'day') return html`<td class="day">${human}</td>`;
        return unit === 'text'
          ? html`<td>${human}</td>`
          : html`<td class="number" title="${value === null ? 'none' : String(value)}">${human}</td>`;
      })}</tr>\n`,
  );
  const left = rows.length - shown.length;
  return html`<div class="scroll" role="region" tabindex="0" aria-labelledby="${id}-title"><table>
<thead><tr>${heads}</tr></thead>
<tbody>
${body}</tbody>
</table></div>
${left > 0 ? html`<p class="empty">Showing the first ${TABLE_ROWS} of ${rows.length.toLocaleString('en-US')} rows. Run the query to get all.</p>` : raw('')}`;
}

function chartsOf(sections: readonly Section[]): Charts {
  const charts: Charts = {};
  for (const { id, chart, rows } of sections.flatMap(({ parts }) => parts)) {
    if (chart && rows.length > 0) charts[`chart-${id}`] = chart.spec;
  }
  return charts;
}

/** Returns JSON that cannot close the script element around it. */
function asScriptData(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}
