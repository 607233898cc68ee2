import { describe, expect, it } from 'vitest';
import {
  EXIT_STATUS,
  exitStatusOf,
  messageOf,
  PowercutError,
  StepError,
  UnavailableError,
  UsageError,
} from '../src/errors.ts';

describe('exit statuses', () => {
  it('are published: frozen', () => {
    expect(EXIT_STATUS).toEqual({
      held: 0,
      violated: 1,
      unknown: 2,
      usage: 64,
      unavailable: 69,
      internal: 70,
      interrupted: 130,
    });
  });

  it.each<[string, unknown, number]>([
    ['a UsageError', new UsageError('x'), 64],
    ['an UnavailableError', new UnavailableError('x'), 69],
    ['a StepError', new StepError('capture-refused', 'x'), 70],
    ['an error of Node', Object.assign(new Error('x'), { code: 'ENOENT' }), 70],
    ['a bug', new TypeError('x'), 70],
    ['no error at all', 'x', 70],
    ['nothing', undefined, 70],
  ])('%s is %s', (_, error, status) => {
    expect(exitStatusOf(error)).toBe(status);
  });
});

describe('the three families', () => {
  it.each([
    [new UsageError('m'), 'UsageError', 'usage'],
    [new UnavailableError('m'), 'UnavailableError', 'unavailable'],
    [new StepError('bad-log', 'm'), 'StepError', 'bad-log'],
  ])('%s has a name and a stable code', (error, name, code) => {
    expect(error).toBeInstanceOf(PowercutError);
    expect({ name: error.name, code: error.code, message: error.message }).toEqual({ name, code, message: 'm' });
  });

  it('keep the cause', () => {
    const cause = new Error('why');
    expect(new UsageError('m', { cause }).cause).toBe(cause);
  });
});

it('messageOf takes whatever was thrown', () => {
  expect([new Error('a'), 'b', 7, undefined].map(messageOf)).toEqual(['a', 'b', '7', 'undefined']);
});
