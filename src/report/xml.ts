/** As much of XML 1.0 as a report needs: elements with attributes, text, nothing else. */

// XML 1.0, production 2: no other character may stand in a document, not even escaped.
const ILLEGAL = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text between tags. `>` is escaped too, since `]]>` may not stand in text. */
export function xmlText(text: string): string {
  return text
    .replace(ILLEGAL, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`)
    .replace(/[&<>"]/g, (character) => ENTITIES[character]!)
    .replaceAll('\r', '&#13;');
}

/** An attribute's value; a parser would turn line ends and tabs that are not escaped into spaces. */
function xmlAttribute(text: string): string {
  return xmlText(text).replaceAll('\n', '&#10;').replaceAll('\t', '&#9;');
}

/** One element, as lines; each child is an element's lines, or text that stays as it is. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  content: string | readonly string[] = [],
): string[] {
  const words = Object.entries(attributes).map(([key, value]) => ` ${key}="${xmlAttribute(String(value))}"`);
  const tag = `${name}${words.join('')}`;
  if (typeof content === 'string') return [`<${tag}>${xmlText(content)}</${name}>`];
  return content.length === 0 ? [`<${tag}/>`] : [`<${tag}>`, ...content, `</${name}>`];
}
