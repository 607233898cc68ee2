import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { formatWords, quoteWord, splitWords } from '../../src/stores/words.ts';

/** How a real POSIX shell reads a line of words. */
function shellWords(line: string): string[] {
  // The first word is there since printf, given none, prints its format once all the same.
  const output = execFileSync('sh', ['-c', `printf '%s\\0' first ${line}`], { encoding: 'utf8' });
  return output.split('\0').slice(1, -1);
}

describe('splitWords', () => {
  it.each([
    ['./check {dir} {count}', ['./check', '{dir}', '{count}']],
    ['  a \t b  ', ['a', 'b']],
    [`a 'b c' "d e" f\\ g`, ['a', 'b c', 'd e', 'f g']],
    [`a '' ""`, ['a', '', '']],
    [`pre'fix'"ed"`, ['prefixed']],
    [`a 'don'\\''t'`, ['a', "don't"]],
    [`a "say \\"hi\\" \\\\ \\n \\$x \\\`"`, ['a', 'say "hi" \\ \\n $x `']],
    [`a '$HOME \`x\` | \\n'`, ['a', '$HOME `x` | \\n']],
    ['a \\| \\$HOME \\;', ['a', '|', '$HOME', ';']],
    ['a b#c "#d"', ['a', 'b#c', '#d']],
    ['a $ b$ "$" "a$"', ['a', '$', 'b$', '$', 'a$']],
    ['a b\\\nc \\\n d', ['a', 'bc', 'd']],
    ['a "b\\\nc"', ['a', 'bc']],
    ['a "b\nc"', ['a', 'b\nc']],
    ['a b=c --x=y', ['a', 'b=c', '--x=y']],
    ['a * ? [x] ~ !', ['a', '*', '?', '[x]', '~', '!']],
    ['\ncheck {dir}\r\n', ['check', '{dir}']],
    [`'A=b' c`, ['A=b', 'c']],
  ])('splits %j', (command, words) => {
    expect(splitWords(command)).toEqual(words);
  });

  it.each([
    ['', 'the command "" is empty: expected a program to run'],
    [' \n ', 'is empty'],
    [`'' a`, 'is empty'],
    [`./check 'a b`, `cannot split the command "./check 'a b": the single quote at character 9 is never closed`],
    [`./check "a b`, 'the double quote at character 9 is never closed'],
    [`./check "a\\"`, 'the double quote at character 9 is never closed'],
    ['./check \\', 'it ends in a backslash'],
    ['./check a\0b', 'NUL byte'],
    ['A=b ./check', 'write `env A=b ...`'],
    [`A='b c' ./check`, 'write `env A=b c ...`'],
  ])('refuses %j', (command, message) => {
    expect(() => splitWords(command)).toThrow(UsageError);
    expect(() => splitWords(command)).toThrow(message);
  });

  it.each([
    ['a | b', '"|"'],
    ['a; b', '";"'],
    ['a && b', '"&"'],
    ['a > b', '">"'],
    ['a <b', '"<"'],
    ['(a)', '"("'],
    ['a `b`', '"`"'],
    ['a "`b`"', '"`"'],
    ['a\nb', 'a line break'],
    ['a #b', 'a comment ("#")'],
    ['a $HOME', '"$HOME"'],
    ['a "$HOME/x"', '"$HOME"'],
    ['a ${HOME}', '"${"'],
    ['a $(b)', '"$("'],
    ['a "$(b)"', '"$("'],
    ['a $?', '"$?"'],
    [`a $'b'`, `"$'"`],
  ])('says that %j needs a shell', (command, what) => {
    expect(() => splitWords(command)).toThrow(
      `cannot split the command ${JSON.stringify(command)}: no shell is used, so ${what} has no meaning; ` +
        "quote it if it is meant literally, or say `sh -c '...'` to have a shell",
    );
  });

  it('reads a command line as a POSIX shell does', () => {
    // Text without what is refused: expansions, operators, globs, tildes, comments.
    const piece = fc.oneof(
      fc.stringMatching(/^[a-z0-9=:,./+-]{1,4}$/),
      fc.stringMatching(/^'[a-z $`"\\|;#\n]{0,5}'$/),
      fc.stringMatching(/^"(?:[a-z '|;#\n]|\\["\\$`a-z\n]){0,5}"$/),
      fc.constantFrom('\\ ', '\\|', '\\$', "\\'", '\\"', '\\\\', '\\\n'),
    );
    const word = fc.array(piece, { minLength: 1, maxLength: 4 }).map((pieces) => pieces.join(''));
    const line = fc.array(word, { maxLength: 4 }).map((words) => words.join(' '));
    fc.assert(
      fc.property(line, (text) => {
        expect(splitWords(`p ${text}`).slice(1)).toEqual(shellWords(text));
      }),
      { numRuns: 60 },
    );
  });
});

describe('quoteWord', () => {
  it.each([
    ['plain', 'plain'],
    ['ext4:data=journal,barrier=1', 'ext4:data=journal,barrier=1'],
    ['--state', '--state'],
    ['{dir}/x', '{dir}/x'],
    ['', "''"],
    ['a b', "'a b'"],
    ["don't", `'don'\\''t'`],
    ['A=b', "'A=b'"],
    ['=ls', "'=ls'"],
    ['{a,b}', "'{a,b}'"],
    ['~', "'~'"],
    ['é', "'é'"],
  ])('writes %j as %s', (word, quoted) => {
    expect(quoteWord(word)).toBe(quoted);
  });
});

const anyWord = fc.string({ unit: 'binary', maxLength: 12 }).filter((word) => !word.includes('\0'));
const shellish = fc.stringMatching(/^[ \t\n'"\\$`|&;<>(){}#~*?[\]!=%^a-c-]{0,8}$/);
const words = fc.array(fc.oneof(anyWord, shellish), { minLength: 1, maxLength: 6 });

describe('formatWords', () => {
  it('is undone by splitWords', () => {
    fc.assert(
      fc.property(
        words.filter(([first]) => first !== ''),
        (argv) => {
          expect(splitWords(formatWords(argv))).toEqual(argv);
        },
      ),
    );
  });

  it.each(['sh', 'bash'])('is read back by a real %s', (shell) => {
    const wellFormed = words.filter((argv) => argv.every((word) => !/\p{Cs}/u.test(word)));
    fc.assert(
      fc.property(wellFormed, (argv) => {
        const output = execFileSync(shell, ['-c', `printf '%s\\0' ${formatWords(argv)}`], { encoding: 'utf8' });
        expect(output.split('\0').slice(0, -1)).toEqual(argv);
      }),
      { numRuns: 40 },
    );
  });
});
