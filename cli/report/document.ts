import { createHash } from 'node:crypto';
import type { Verdict } from '../check/verdict.ts';
import type { SubjectNames } from '../subject-names.ts';
import type { Charts } from './chart-spec.ts';
import { type Html, html, raw } from './html.ts';
import type { Part, Section } from './section.ts';
import { tableHtml } from './table.ts';

/** Maximum rows of a table, and of a table of a single cluster. The query below the table returns all. */
const TABLE_ROWS = 200;
const PAGE_ROWS = 24;

export interface Report {
  title: string;
  /** The lake, and when the report was created, with the time zone. */
  subtitle: string;
  /** Whether all is well at that time: the same as `check` says. */
  verdict: Verdict;
  sections: readonly Section[];
  /** A page for each cluster. Each is a section of its own that a section links to. */
  pages: readonly Section[];
  names: SubjectNames;
}

/**
 * Returns the complete page. It loads nothing, and its content security policy allows only its own script, so that a
 * name from Atlas can never run as code.
 */
export function reportDocument(
  { title, subtitle, verdict, sections, pages, names }: Report,
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
<main id="content" tabindex="-1">${verdictHtml(verdict)}${sections.map((section) => sectionHtml(section, { names, isPage: false }))}${pages.map((page) => sectionHtml(page, { names, isPage: true }))}</main>
<footer><p>All times are UTC. Sizes are decimal: 1 GB is 1,000,000,000 bytes. Charts need JavaScript. The tables contain the same data.</p></footer>
<script type="application/json" id="charts">${raw(asScriptData(chartsOf([...sections, ...pages])))}</script>
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

interface SectionLook {
  names: SubjectNames;
  /** Whether the section is the page of a cluster. */
  isPage: boolean;
}

function sectionHtml({ id, title, intro, parts }: Section, look: SectionLook): Html {
  return html`<section id="${id}"${look.isPage ? raw(' class="page"') : raw('')} aria-labelledby="${id}-title">
<h2 id="${id}-title"><bdi>${title}</bdi></h2>
<p>${intro}</p>
${parts.map((part) => partHtml(part, look.isPage ? `${id}-title ${part.id}-title` : `${part.id}-title`, look))}
</section>
`;
}

/** @param labelledBy the ids of the part's title, and of its section's title if other sections have the same part */
function partHtml(part: Part, labelledBy: string, { names, isPage }: SectionLook): Html {
  const { id, title, chart, rows, empty, sql } = part;
  const picture =
    chart && rows.length > 0
      ? html`<div class="chart ${chart.spec.kind}" id="chart-${id}" role="img" aria-label="${chart.description} The table below has the data."></div>`
      : raw('');
  const most = isPage ? PAGE_ROWS : TABLE_ROWS;
  return html`<article aria-labelledby="${labelledBy}">
<h3 id="${id}-title">${title}</h3>
${picture}${rows.length === 0 ? html`<p class="empty">${empty}</p>` : tableHtml(part, { names, most, labelledBy })}
${sql === null ? raw('') : html`<details><summary>SQL query</summary><pre tabindex="0">${sql}</pre></details>`}
</article>
`;
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
