import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import { createReporters, REPORTER_NAMES, REPORTERS } from '../../../src/report/reporters/registry.ts';
import { fakeContext, play } from '../fake-context.ts';

const namesOf = (names: string[], context = fakeContext()): string[] =>
  createReporters(names, context).map(({ name }) => name);

describe('createReporters', () => {
  it.each([
    [true, {}, 'terminal'],
    [true, { CI: '' }, 'terminal'],
    [true, { CI: 'false' }, 'terminal'],
    [true, { CI: 'true' }, 'line'],
    [true, { TERM: 'dumb' }, 'line'],
    [false, {}, 'line'],
  ])('chooses for isTTY %s and %j', (isTTY, environment, expected) => {
    expect(namesOf([], fakeContext({ isTTY, environment }))).toEqual([expected]);
  });

  it('takes those that are named, each once', () => {
    expect(namesOf(['line', 'terminal', 'line'])).toEqual(['line', 'terminal']);
  });

  it('refuses an unknown name, and guesses', () => {
    expect(() => namesOf(['lines'])).toThrow(UsageError);
    expect(() => namesOf(['lines'])).toThrow(
      'there is no reporter "lines": expected one of terminal, line; did you mean "line"?',
    );
    expect(() => namesOf(['constructor'])).toThrow(UsageError);
  });
});

/** What every reporter owes, a new one too. */
describe.each(REPORTER_NAMES)('the reporter %s', (name) => {
  const create = REPORTERS[name];

  it('takes a whole run, writes results to standard output only at its end, and stops its timers', () => {
    const context = fakeContext({ isTTY: name === 'terminal' });
    expect(play(create, context)).toEqual([]);
    expect(context.written.stdout).toContain('violated');
    expect(context.timerCount()).toBe(0);
  });

  it('writes no result without an end', () => {
    const context = fakeContext();
    const reporter = create(context);
    reporter.onEvent({ type: 'note', text: 'x' });
    reporter.close?.();
    expect(context.written.stdout).toBe('');
    expect(context.timerCount()).toBe(0);
  });
});
