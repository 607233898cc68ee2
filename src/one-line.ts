/** Long enough for any sentence, short enough that a stack trace on one line does not bury the report. */
const LENGTH_MAX = 500;

// Control and format characters, line separators, lone surrogates: text of the program under test reaches a terminal.
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** Text of a program or of the kernel as one line for people: bounded, and with nothing that a terminal would obey. */
export function oneLine(text: string): string {
  const shown = nonBlankLines(text).join(' | ').replaceAll('\t', ' ').replace(UNSAFE, escapeOf);
  if (shown.length <= LENGTH_MAX) return shown;
  // Not in the middle of a surrogate pair: half a character is none.
  const kept = shown.slice(0, LENGTH_MAX - 3).replace(/[\uD800-\uDBFF]$/, '');
  return `${kept.trimEnd()}...`;
}

/** The last lines with anything on them, joined into one. */
export function lastLines(text: string, lineCount: number): string {
  return oneLine(nonBlankLines(text).slice(-lineCount).join('\n'));
}

function nonBlankLines(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

function escapeOf(character: string): string {
  return `\\u{${character.codePointAt(0)!.toString(16)}}`;
}
