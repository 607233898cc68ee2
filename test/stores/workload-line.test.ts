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
});
