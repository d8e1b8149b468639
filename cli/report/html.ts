/** HTML that may stand in a page as it is. Only `html` and `raw` make it; every other text is escaped. */
export interface Html {
  readonly html: string;
}

type Part = Html | string | number | readonly Html[];

/** A template whose values are escaped, but for those that are HTML already. */
export function html(strings: TemplateStringsArray, ...values: readonly Part[]): Html {
  return {
    html: strings
      .map((text, index) => text + (index < values.length ? rendered(values[index]) : ''))
      .join(''),
  };
}

/** A text of the report's own code, styles or scripts, that is HTML already. */
export function raw(text: string): Html {
  return { html: text };
}

function rendered(value: Part | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'string' || typeof value === 'number') return escaped(String(value));
  return 'html' in value ? value.html : value.map((part) => part.html).join('');
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
