import { UsageError } from '../errors.ts';

/**
 * A command line to words and back, as a POSIX shell splits and unquotes it (POSIX.1-2017, Shell Command Language, 2.2
 * and 2.3), but with no shell: nothing is expanded, and what only a shell could do is refused instead of passed on as
 * literal text, because a `|` that silently becomes an argument makes a check that checks nothing.
 */

interface Word {
  text: string;
  /** Characters before the first quoted one: an assignment counts only as far as its `=` is bare. */
  bareLength: number;
}

const OPERATORS = '|&;<>()`\n';
/** What turns a `$` into an expansion: a name, a digit, a special parameter, `${...}` or `$(...)`. */
const EXPANSION = /^\$[\w@*#?\-!${(]/;
/** Shells disagree on `$'...'` and `$"..."`; inside double quotes both are plain text. */
const DOLLAR_QUOTE = /^\$['"]/;

/** @throws UsageError when the command is empty, has an unbalanced quote, or needs a shell. */
export function splitWords(command: string): string[] {
  const words = new Splitter(command).split();
  const first = words[0];
  if (first === undefined || first.text === '') {
    throw new UsageError(`the command ${quoted(command)} is empty: expected a program to run`);
  }
  if (/^[A-Za-z_]\w*=/.test(first.text.slice(0, first.bareLength))) {
    const reason = `"${first.text}" in front of the program needs a shell to set it; write \`env ${first.text} ...\``;
    throw new UsageError(`cannot split the command ${quoted(command)}: ${reason}`);
  }
  return words.map((word) => word.text);
}

/** One word as a shell reads it back: bare when that is safe in any place of a command line, else in single quotes. */
export function quoteWord(word: string): string {
  // Bare braces hold a plain name only, as `{dir}` does: bash makes two words of `{a,b}`. A name in front of a `=` would be
  // an assignment in the first place of a line, and a leading `=` is an expansion in zsh.
  const safe = /^(?:[\w@%+:,./=-]|\{\w+\})+$/.test(word) && !/^(?:[A-Za-z_]\w*\+?)?=/.test(word);
  return safe ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A line that can be pasted into a shell, and that `splitWords` turns into the same words. */
export function formatWords(words: readonly string[]): string {
  return words.map(quoteWord).join(' ');
}

/** One pass over the command; each method takes what it knows and moves `position` behind it. */
class Splitter {
  readonly #original: string;
  readonly #command: string;
  #position = 0;
  readonly #words: Word[] = [];
  /** The word being read; undefined between words, so that `''` still makes an empty one. */
  #word: Word | undefined;

  constructor(command: string) {
    this.#original = command;
    // Line breaks around the command are an editor's or YAML's, not two commands.
    this.#command = command.replace(/^[ \t\r\n]+|(?<!\\)[ \t\r\n]+$/g, '');
  }

  split(): Word[] {
    if (this.#command.includes('\0')) throw this.#refusal('it holds a NUL byte, which no argument can');
    while (this.#position < this.#command.length) this.#takeOne();
    this.#endWord();
    return this.#words;
  }

  #takeOne(): void {
    const character = this.#command[this.#position]!;
    if (character === ' ' || character === '\t') this.#endWord(1);
    else if (character === "'") this.#takeSingleQuoted();
    else if (character === '"') this.#takeDoubleQuoted();
    else if (character === '\\') this.#takeEscaped();
    else {
      this.#refuseShellSyntax(character, false);
      this.#append(character, false);
      this.#position += 1;
    }
  }

  #takeSingleQuoted(): void {
    const end = this.#command.indexOf("'", this.#position + 1);
    if (end === -1) throw this.#refusal(`the single quote at character ${this.#position + 1} is never closed`);
    this.#append(this.#command.slice(this.#position + 1, end), true);
    this.#position = end + 1;
  }

  #takeDoubleQuoted(): void {
    const start = this.#position;
    this.#append('', true);
    for (this.#position += 1; this.#command[this.#position] !== '"'; this.#position += 1) {
      const character = this.#command[this.#position];
      if (character === undefined) throw this.#refusal(`the double quote at character ${start + 1} is never closed`);
      if (character === '`' || character === '$') this.#refuseShellSyntax(character, true);
      if (character === '\\' && this.#isEscapedInDoubleQuotes()) this.#position += 1;
      const kept = this.#command[this.#position]!;
      if (!(kept === '\n' && character === '\\')) this.#append(kept, true);
    }
    this.#position += 1;
  }

  /** Inside double quotes a backslash means itself unless one of these follows it. */
  #isEscapedInDoubleQuotes(): boolean {
    const next = this.#command[this.#position + 1];
    return next !== undefined && '$`"\\\n'.includes(next);
  }

  #takeEscaped(): void {
    const next = this.#command[this.#position + 1];
    if (next === undefined) throw this.#refusal('it ends in a backslash, which escapes nothing');
    // A backslash before a line break joins the lines: both vanish.
    if (next !== '\n') this.#append(next, true);
    this.#position += 2;
  }

  #refuseShellSyntax(character: string, inDoubleQuotes: boolean): void {
    const rest = this.#command.slice(this.#position);
    if (character === '$') {
      if (EXPANSION.test(rest) || (!inDoubleQuotes && DOLLAR_QUOTE.test(rest))) {
        throw this.#needsShell(expansionIn(rest));
      }
    } else if (OPERATORS.includes(character)) {
      throw this.#needsShell(character === '\n' ? 'a line break' : `"${character}"`);
    } else if (character === '#' && this.#word === undefined) {
      throw this.#needsShell('a comment ("#")');
    }
  }

  #append(text: string, isQuoted: boolean): void {
    this.#word ??= { text: '', bareLength: Infinity };
    if (isQuoted) this.#word.bareLength = Math.min(this.#word.bareLength, this.#word.text.length);
    this.#word.text += text;
  }

  #endWord(skip = 0): void {
    if (this.#word !== undefined) this.#words.push(this.#word);
    this.#word = undefined;
    this.#position += skip;
  }

  #needsShell(what: string): UsageError {
    return this.#refusal(
      `no shell is used, so ${what} has no meaning; ` +
        `quote it if it is meant literally, or say \`sh -c '...'\` to have a shell (placeholders work in there too)`,
    );
  }

  #refusal(reason: string): UsageError {
    return new UsageError(`cannot split the command ${quoted(this.#original)}: ${reason}`);
  }
}

const quoted = (command: string): string => JSON.stringify(command);

/** `$HOME`, `${...`, `$(`: enough of it to be recognised. */
const expansionIn = (rest: string): string => `"${/^\$(?:\w+|.)/s.exec(rest)?.[0] ?? '$'}"`;
