import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { parseIoErrorSpec } from '../../src/stores/io-error-spec.ts';

describe('parseIoErrorSpec', () => {
  it.each([
    ['writes@ack:3', { ack: 3, lastsMs: 0 }],
    [' writes@ack:12 ', { ack: 12, lastsMs: 0 }],
    ['writes@ack:3,200ms', { ack: 3, lastsMs: 200 }],
    ['writes@ack:3,1.5s', { ack: 3, lastsMs: 1500 }],
    ['writes@ack:3,2m', { ack: 3, lastsMs: 120_000 }],
    ['writes@ack:3,0ms', { ack: 3, lastsMs: 0 }],
  ])('reads %j', (text, expected) => {
    expect(parseIoErrorSpec(text)).toEqual({ text: text.trim(), ...expected });
  });

  it('knows one without an end of its own', () => {
    expect(parseIoErrorSpec('writes@ack:3,end')).toEqual({ text: 'writes@ack:3,end', ack: 3 });
  });

  it.each([
    '',
    'writes',
    'writes@ack',
    'writes@ack:0',
    'writes@ack:03',
    'writes@ack:-1',
    'writes@ack:3,',
    'writes@ack:3,200',
    'writes@ack:3,1h',
    'writes@ack:3,END',
    'writes@ack:3,end,end',
    'reads@ack:3',
    'flushes@ack:3',
    'writes@3s',
  ])('refuses %j and says what it expects', (text) => {
    expect(() => parseIoErrorSpec(text)).toThrow(UsageError);
    expect(() => parseIoErrorSpec(text)).toThrow(`"${text}" says no window of I/O errors: expected writes@ack:3`);
  });
});
