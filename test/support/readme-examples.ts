import { readFile } from 'node:fs/promises';

/** Returns the queries that README offers after the demo: the text between the quotes. */
export async function readmeQueries(): Promise<string[]> {
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
  return [...readme.matchAll(/^npx atlas-lake query --lake \.lake-demo "(.*)"$/gm)].map(
    ([, sql = '']) => sql,
  );
}

/** A command and the lines that a page quotes of its output. */
export interface QuotedOutput {
  command: string;
  lines: readonly string[];
}

/** Returns each `text` block of a page, with the last command of the `sh` block before it. */
export async function quotedOutputs(page: string): Promise<QuotedOutput[]> {
  const text = await readFile(new URL(`../../${page}`, import.meta.url), 'utf8');
  const blocks = [...text.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(([, language = '', content = '']) => ({
    language,
    lines: content.trimEnd().split('\n'),
  }));
  return blocks.flatMap(({ language, lines }, index) => {
    if (language !== 'text') return [];
    const commands = blocks.slice(0, index).findLast((block) => block.language === 'sh')?.lines ?? [];
    return [{ command: commands.at(-1) ?? '', lines: lines.filter((line) => line !== '…') }];
  });
}

/** Returns a line of output without what depends on the day of the run: times, numbers, hosts, and the width of columns. */
export function shapeOf(line: string): string {
  return line
    .replaceAll(/[\w-]+\.\w+\.mongodb\.net(:\d+)?/g, 'HOST')
    .replaceAll(/\d{4}-\d{2}-\d{2} \d{2}:\d{2}(:\d{2}(\.\d+)?)?Z?/g, 'TIME')
    .replaceAll(/\d{4}-\d{2}-\d{2}/g, 'DAY')
    .replaceAll(/(?<![\w.-])-?[\d,]+(\.\d+)?(?![\w.-]\w)/g, 'N')
    .replaceAll(/N (min|h|days?)\b/g, 'SPAN')
    .replaceAll(/\s+/g, ' ')
    .trim();
}
