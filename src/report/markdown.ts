/** As much of GitHub's Markdown as a report needs. Texts of a program under test must not become markup. */

/** Text as itself. Any ASCII punctuation may stand behind a backslash (CommonMark, 2.4). */
export function markdownText(text: string): string {
  return text.replace(/[!-/:-@[-`{-~]/g, String.raw`\$&`);
}

/** A block of code; its fence is longer than any run of backticks inside it. */
export function codeBlock(language: string, code: string): string[] {
  const runs = [...code.matchAll(/`+/g)].map(([run]) => run.length);
  const fence = '`'.repeat(Math.max(3, ...runs.map((length) => length + 1)));
  return [`${fence}${language}`, code, fence];
}

/** @param head, rows texts that are Markdown already, without line ends */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}
