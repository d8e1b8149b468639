/** Safe HTML. Only `html` and `raw` create it; all other text is escaped. */
export interface Html {
  readonly html: string;
}

type Part = Html | string | number | readonly Html[];

/** Returns HTML from a template. Escapes all values that are not `Html`. */
export function html(strings: TemplateStringsArray, ...values: readonly Part[]): Html {
  return {
    html: strings
      .map((text, index) => text + (index < values.length ? rendered(values[index]) : ''))
      .join(''),
  };
}

/** Marks the report's own markup, styles or scripts as HTML, without escaping. */
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
