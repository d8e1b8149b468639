const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** An element with text, which is escaped, or with elements. */
export function element(name: string, content: string | readonly string[]): string {
  return `<${name}>${typeof content === 'string' ? escapeText(content) : content.join('')}</${name}>`;
}

/** A document whose root is in S3's namespace. */
export function document(name: string, content: readonly string[]): string {
  const open = `<${name} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n${open}${content.join('')}</${name}>`;
}

/** Line ends and other control characters, too, or a parser would change or refuse them. */
function escapeText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.replace(/[&<>"\u0000-\u001f\u007f]/g, (character) => {
    for (const [name, meaning] of Object.entries(ENTITIES)) {
      if (meaning === character) return `&${name};`;
    }
    return `&#${character.codePointAt(0)};`;
  });
}

/** An element of a document that was read. */
export interface XmlElement {
  readonly name: string;
  readonly children: XmlElement[];
  text: string;
}

const TOKEN = /<\?[^>]*\?>|<(\/?)([A-Za-z][\w.:-]*)(?:\s[^<>]*?)?(\/?)>|([^<]+)/y;

/** Reads what S3's clients send: elements and text, no comments, sections or document types. */
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
