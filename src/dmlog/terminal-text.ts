/**
 * The rule: text that a program under test chose is quoted, and nothing in it reaches the terminal as a command. Control
 * characters (C0, DEL, C1), line separators and the characters that turn the direction of text are written as escapes.
 *
 * Not covered: JSON. There the text stays what it is, and JSON's own quoting applies.
 */
export function terminalText(text: string): string {
  return `"${text.replace(UNSAFE, escapeOf)}"`;
}

// Quotes and backslashes are escaped too, so that no text can imitate an escape or end its own quotes.
const UNSAFE = /["\\\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

function escapeOf(character: string): string {
  if (character === '"' || character === '\\') return `\\${character}`;
  return `\\u{${character.codePointAt(0)!.toString(16)}}`;
}
