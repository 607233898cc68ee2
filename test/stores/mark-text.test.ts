import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { markKind } from '../../src/stores/mark-kind.ts';
import {
  ackMark,
  endMark,
  failMark,
  invokeMark,
  parseMark,
  READY_MARK,
  startMark,
} from '../../src/stores/mark-text.ts';

describe('marks', () => {
  it('have the text that recordings hold', () => {
    expect([ackMark('3'), READY_MARK, startMark('7f3a'), endMark('7f3a')]).toEqual([
      'ack:3',
      'ready',
      'start:7f3a',
      'end:7f3a',
    ]);
  });

  it('are read back', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (text) => {
        expect(parseMark(ackMark(text))).toEqual({ kind: 'ack', id: text });
        expect(parseMark(invokeMark(text))).toEqual({ kind: 'invoke', id: text });
        expect(parseMark(failMark(text))).toEqual({ kind: 'fail', id: text });
        expect(parseMark(startMark(text))).toEqual({ kind: 'start', nonce: text });
        expect(parseMark(endMark(text))).toEqual({ kind: 'end', nonce: text });
      }),
    );
    expect(parseMark(READY_MARK)).toEqual({ kind: 'ready' });
  });

  it.each(['', 'ack:', 'ack', 'start:', 'ready:', 'xack:3', 'dm-log-writes-end', 'mkfs'])(
    'leaves %j to others',
    (text) => {
      expect(parseMark(text)).toEqual({ kind: 'other' });
    },
  );

  it('count as promises of the store only where they are', () => {
    expect(markKind('ack:a:b')).toEqual({ kind: 'ack', id: 'a:b' });
    expect(markKind('ready')).toEqual({ kind: 'ready' });
    for (const text of ['invoke:1', 'fail:1']) expect(markKind(text)).toEqual({ kind: 'event' });
    for (const text of ['start:7f3a', 'end:7f3a', 'dm-log-writes-end', 'io-error:start', 'io-error:end'])
      expect(markKind(text)).toEqual({ kind: 'other' });
  });
});
