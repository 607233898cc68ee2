/** A strict reader of the XML that our reports are: enough to tell a document that is not well-formed. */

export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** Without that of its children. */
  readonly text: string;
}

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';
const TOKEN = /<(\/?)([\w-]+)((?:\s+[\w.-]+="[^"<]*")*)\s*(\/?)>|([^<]+)|(.)/gsu;
const ENTITY = /&(?:(amp|lt|gt|quot)|#(\d+));|&/g;
const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' };
const LEGAL = /^[\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]*$/u;

/** @throws when it is not well-formed */
export function parseXml(text: string): XmlElement {
  if (!text.startsWith(DECLARATION)) throw new Error('no declaration');
  if (!LEGAL.test(text)) throw new Error('a character that XML 1.0 forbids');
  const root = { name: '', attributes: {}, children: [] as XmlElement[], text: '' };
  const open = [root];
  for (const [, end, name, attributes = '', empty, words, stray] of text.slice(DECLARATION.length).matchAll(TOKEN)) {
    const parent = open.at(-1)!;
    if (stray !== undefined) throw new Error(`a stray ${stray}`);
    if (words !== undefined) parent.text += decode(words);
    else if (end) close(open, name!);
    else {
      const element = { name: name!, attributes: attributesOf(attributes), children: [], text: '' };
      parent.children.push(element);
      if (!empty) open.push(element);
    }
  }
  if (open.length !== 1 || root.children.length !== 1) throw new Error('not one element');
  return root.children[0]!;
}

function close(open: { readonly name: string }[], name: string): void {
  const closed = open.pop()!;
  if (closed.name !== name) throw new Error(`</${name}> closes <${closed.name}>`);
}

function attributesOf(text: string): Record<string, string> {
  const pairs = [...text.matchAll(/([\w.-]+)="([^"]*)"/g)].map(([, key, value]) => [key!, decode(value!)] as const);
  if (new Set(pairs.map(([key]) => key)).size !== pairs.length) throw new Error('an attribute twice');
  return Object.fromEntries(pairs);
}

function decode(text: string): string {
  return text.replace(ENTITY, (whole, name?: string, code?: string) => {
    if (name !== undefined) return NAMED[name]!;
    if (code === undefined) throw new Error(`${whole} is no entity`);
    return String.fromCodePoint(Number(code));
  });
}
