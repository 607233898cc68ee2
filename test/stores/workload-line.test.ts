import { describe, expect, it } from 'vitest';
import { ACK_ID_BYTES_MAX, parseWorkloadLine } from '../../src/stores/workload-line.ts';

describe('parseWorkloadLine', () => {
  it.each(['ready', 'ready\r'])('takes %j for ready', (line) => {
    expect(parseWorkloadLine(line)).toEqual({ kind: 'ready' });
  });

  it.each([
    ['ack 3', '3'],
    ['ack 3\r', '3'],
    ['ack  user:1/x\t', 'user:1/x'],
    ['ack\tk', 'k'],
    ['ack ack', 'ack'],
    ['ack schlüssel-日本', 'schlüssel-日本'],
    [`ack ${'é'.repeat(100)}`, 'é'.repeat(100)],
  ])('takes %j for an acknowledgement', (line, id) => {
    expect(parseWorkloadLine(line)).toEqual({ kind: 'ack', id });
  });

  it.each([
    ['ack', 'the id is missing'],
    ['ack ', 'the id is missing'],
    ['ack 1 2', 'more than one token'],
    ['ack a\u00A0b', 'more than one token'],
    ['ack a\u0000b', 'control character'],
    ['ack a\u001Bb', 'control character'],
    ['ack a\uFFFDb', 'not valid UTF-8'],
    [`ack ${'é'.repeat(101)}`, `the id is 202 bytes long: at most ${ACK_ID_BYTES_MAX}`],
  ])('refuses %j', (line, reason) => {
    expect(parseWorkloadLine(line)).toEqual({ kind: 'bad-ack', reason: expect.stringContaining(reason) as string });
  });

  it.each(['', 'ready ', ' ready', 'Ready', 'ready now', ' ack 3', 'acknowledged 3', 'ACK 3', 'ack: 3', 'ready\r\r'])(
    'leaves %j to the transcript',
    (line) => {
      expect(parseWorkloadLine(line)).toEqual({ kind: 'transcript' });
    },
  );

  it.each([
    ['{"type":"ok","id":1}', { kind: 'ack', id: '1' }],
    ['{"type":"fail","id":"x"}', { kind: 'fail', id: 'x' }],
    ['{"type":"invoke","id":1,"op":"delete","key":"k","reply":true}', { kind: 'invoke', id: '1' }],
    // Nobody waits for a mark that would then stand nowhere in particular.
    ['{"type":"invoke","id":1,"op":"delete","key":"k"}', { kind: 'transcript' }],
    ['{"type":"info","id":1}', { kind: 'transcript' }],
    ['{"anything":"else"}', { kind: 'transcript' }],
  ])('reads the history line %s', (line, expected) => {
    expect(parseWorkloadLine(line)).toEqual(expected);
  });

  it.each([
    '{"type":"ok","id":"two words"}',
    '{"type":"info","id":""}',
    '{"type":"invoke","id":1,"op":"put","key":"k"}',
    '{"type":"ok",',
  ])('refuses the history line %s', (line) => expect(parseWorkloadLine(line).kind).toBe('bad-ack'));
});
