import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import { openFileSink, type FileSink } from '../../../src/report/file-sink.ts';
import { multiplexReporters } from '../../../src/report/multiplexer.ts';
import { createReporters, REPORTER_NAMES, REPORTERS } from '../../../src/report/reporters/registry.ts';
import { useTemporaryFolder } from '../../support/temporary-folder.ts';
import { CANNED } from '../canned-events.ts';
import { fakeContext, play, type FakeContext } from '../fake-context.ts';

const path = useTemporaryFolder();

function noFile(file: string): FileSink {
  throw new Error(`${file} is opened`);
}

const namesOf = (names: string[], context = fakeContext()): string[] =>
  createReporters(names, context, () => ({ ...context.stdout, close: () => undefined })).map(({ name }) => name);

describe('createReporters', () => {
  it.each([
    [true, {}, ['terminal']],
    [true, { CI: '' }, ['terminal']],
    [true, { CI: 'false' }, ['terminal']],
    [true, { CI: 'true' }, ['line']],
    [true, { TERM: 'dumb' }, ['line']],
    [false, {}, ['line']],
    [false, { CI: 'true', GITHUB_ACTIONS: 'true' }, ['line', 'github']],
    [false, { GITHUB_ACTIONS: 'false' }, ['line']],
  ])('chooses for isTTY %s and %j', (isTTY, environment, expected) => {
    expect(namesOf([], fakeContext({ isTTY, environment }))).toEqual(expected);
  });

  it('takes those that are named, each once, and no others', () => {
    const onGithub = fakeContext({ environment: { GITHUB_ACTIONS: 'true' } });
    expect(namesOf(['line', 'terminal', 'line'], onGithub)).toEqual(['line', 'terminal']);
  });

  it('takes the same one with several files', () => {
    expect(namesOf(['line', 'junit=a.xml', 'junit=b=c.xml', 'junit=a.xml'])).toEqual([
      'line',
      'junit=a.xml',
      'junit=b=c.xml',
    ]);
  });

  it.each([
    [
      ['lines'],
      'there is no reporter "lines": expected one of terminal, line, jsonl, junit, github; did you mean "line"?',
    ],
    [['constructor'], 'there is no reporter "constructor"'],
    [['junit='], '--reporter junit=: there is no file after "="'],
    [['github=a.md'], '--reporter github=a.md: github takes no file'],
    [['junit=a', 'jsonl=./a'], '--reporter: junit and jsonl would both write ./a'],
    [['terminal', 'junit'], 'junit and terminal would both write to standard output; give junit a file: junit=FILE'],
    [['junit', 'jsonl=-'], 'junit and jsonl would both write to standard output'],
    [['jsonl=a', 'line', 'junti'], 'did you mean "junit"?'],
  ])('refuses %j before it opens a file', (words, message) => {
    expect(() => createReporters(words, fakeContext(), noFile)).toThrow(UsageError);
    expect(() => createReporters(words, fakeContext(), noFile)).toThrow(message);
  });
});

/** Plays the canned run through reporters as the command line makes them. @returns notes on those that failed */
function playWords(words: readonly string[], context: FakeContext, breakAt = -1): string[] {
  const notes: string[] = [];
  const made = createReporters(words, context, openFileSink);
  const broken = { ...made[0]!, reporter: { ...made[0]!.reporter, onEvent: breakWhen(() => seen === breakAt) } };
  let seen = 0;
  const all = multiplexReporters([breakAt < 0 ? made[0]! : broken, ...made.slice(1)], (line) => notes.push(line));
  for (const [stepMs, event] of CANNED) {
    context.pass(stepMs);
    all.onEvent(event);
    seen += 1;
  }
  all.close();
  return notes;
}

const breakWhen = (isTime: () => boolean) => (): void => {
  if (isTime()) throw new Error('no paper');
};

/** What every reporter owes, a new one too. */
describe.each(REPORTER_NAMES)('the reporter %s', (name) => {
  const { create, output } = REPORTERS[name];

  it('takes a whole run, writes its results where it says, and stops its timers', () => {
    const context = fakeContext({ isTTY: name === 'terminal', environment: { GITHUB_STEP_SUMMARY: 'summary.md' } });
    expect(play(create, context)).toEqual([]);
    const elsewhere = context.written.stderr + Object.values(context.appended).join('');
    expect(output === 'elsewhere' ? elsewhere : context.written.stdout).toContain('lost');
    if (output === 'elsewhere') expect(context.written.stdout).toBe('');
    expect(context.timerCount()).toBe(0);
  });

  it('has no verdict without an end', () => {
    const context = fakeContext();
    const reporter = create(context);
    reporter.onEvent({ type: 'note', text: 'x' });
    reporter.close?.();
    expect(context.written.stdout).not.toMatch(/ok|violated|testsuite/);
    expect(context.timerCount()).toBe(0);
  });

  it('writes to the file that is named, and nothing to standard output', () => {
    if (output === 'elsewhere') return;
    const context = fakeContext({ environment: { NO_COLOR: '1' } });
    play(create, context);
    const other = fakeContext({ environment: { NO_COLOR: '1' } });
    writeFileSync(path('out'), 'what an earlier run left, longer than a line\n'.repeat(1000));
    expect(playWords([`${name}=${path('out')}`], other)).toEqual([]);
    expect(other.written.stdout).toBe('');
    expect(readFileSync(path('out'), 'utf8')).toBe(context.written.stdout);
  });

  it.each([0, 5, CANNED.length - 1])('goes on when its sibling throws at event %i', (breakAt) => {
    const words = output === 'elsewhere' ? ['line', name] : ['line', `${name}=${path('out')}`];
    const context = fakeContext({ environment: { NO_COLOR: '1' } });
    expect(playWords(words, context, breakAt)).toEqual([
      'the reporter "line" failed and is left out from here on: no paper',
    ]);
    const said = output === 'elsewhere' ? context.written.stderr : readFileSync(path('out'), 'utf8');
    expect(said).toContain('lost');
  });

  it('fails by itself when its file cannot be written', () => {
    if (output === 'elsewhere') return;
    const context = fakeContext();
    const notes = playWords(['line', `${name}=/dev/full`], context);
    if (name === 'line') return;
    expect(notes).toEqual([expect.stringMatching(/^the reporter "\w+=\/dev\/full" failed .*ENOSPC/)]);
    expect(context.written.stdout).toContain('violated');
  });
});

describe('a file that cannot be opened', () => {
  it('is said at once', () => {
    mkdirSync(path('folder'));
    expect(() => createReporters([`junit=${path('folder')}`], fakeContext(), openFileSink)).toThrow('EISDIR');
  });
});
