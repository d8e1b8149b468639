const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Returns an element with escaped text, or with elements. */
export function element(name: string, content: string | readonly string[]): string {
  return `<${name}>${typeof content === 'string' ? escapeText(content) : content.join('')}</${name}>`;
}

/** Returns a document whose root is in S3's namespace. */
export function document(name: string, content: readonly string[]): string {
  const open = `<${name} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n${open}${content.join('')}</${name}>`;
}

/** Escapes text. Includes line ends and other control characters, which a parser would change or reject. */
function escapeText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: matches control characters to escape them
  return text.replace(/[&<>"\u0000-\u001f\u007f]/g, (character) => {
    for (const [name, meaning] of Object.entries(ENTITIES)) {
      if (meaning === character) return `&${name};`;
    }
    return `&#${character.codePointAt(0)};`;
  });
}

/** An element of a parsed document. */
export interface XmlElement {
  readonly name: string;
  readonly children: XmlElement[];
  text: string;
}

const TOKEN = /<\?[^>]*\?>|<(\/?)([A-Za-z][\w.:-]*)(?:\s[^<>]*?)?(\/?)>|([^<]+)/y;

/** Parses the documents of S3's clients: elements and text, without comments, sections or document types. */
export function parseXml(xml: string): XmlElement | undefined {
  const top: XmlElement = { name: '', children: [], text: '' };
  const open = [top];
  const scan = new RegExp(TOKEN);
  while (scan.lastIndex < xml.length) {
    const token = scan.exec(xml);
    const current = open.at(-1);
    if (token === null || current === undefined) return undefined;
    const [, closing, name, empty, text] = token;
    if (text !== undefined) {
      current.text += unescapeText(text);
    } else if (closing === '/') {
      if (open.pop()?.name !== name) return undefined;
    } else if (name !== undefined) {
      const child: XmlElement = { name, children: [], text: '' };
      current.children.push(child);
      if (empty !== '/') open.push(child);
    }
  }
  return open.length === 1 && top.children.length === 1 ? top.children[0] : undefined;
}

function unescapeText(text: string): string {
  return text.replace(/&(?:#x([\da-f]{1,6})|#(\d{1,7})|(\w+));/gi, (whole, hex, decimal, name) => {
    if (name !== undefined) return ENTITIES[name] ?? whole;
    const point = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    return point <= 0x10ffff ? String.fromCodePoint(point) : whole;
  });
}
