import { describe, expect, it } from 'vitest';
import { formatHistory, parseHistory } from '../../src/stores/history.ts';

const TRANSCRIPT = `starting
ready
{"type":"invoke","id":1,"op":"put","key":"k","value":"v","timeMs":5}
{"msg":"a log line of the store"}
{"type":"invoke","id":2,"op":"delete","key":"k","reply":true}
{"type":"ok","id":1,"timeMs":9}
{"type":"fail","id":2}
{"type":"invoke","id":3,"op":"txn","ops":[{"op":"put","key":"a","value":"1"}],"session":"s","class":"c"}
ack 9
`;

describe('parseHistory', () => {
  it('takes the events out of a transcript, in their order', () => {
    const { events, operations } = parseHistory(TRANSCRIPT)!;
    expect(events.map(({ type, id }) => `${type} ${id}`)).toEqual([
      'invoke 1',
      'invoke 2',
      'ok 1',
      'fail 2',
      'invoke 3',
    ]);
    expect(operations).toMatchObject([
      { id: '1', op: 'put', start: 0, end: 2, failedAt: Infinity, waited: false, okTimeMs: 9 },
      { id: '2', op: 'delete', start: 1, end: Infinity, failedAt: 3, waited: true },
      { id: '3', op: 'txn', start: 4, end: Infinity, session: 's', class: 'c' },
    ]);
  });

  it('finds none where there is none', () => {
    expect(parseHistory('ready\nack 1\n{"other":1}\n')).toBeUndefined();
  });

  it('reads back what it wrote', () => {
    const history = parseHistory(TRANSCRIPT)!;
    expect(parseHistory(formatHistory(history))).toEqual(history);
  });

  it.each([
    [
      'an id used twice',
      '{"type":"invoke","id":1,"op":"delete","key":"k"}\n{"type":"invoke","id":"1","op":"delete","key":"k"}',
      'line 2',
      'was invoked before',
    ],
    ['an end of nothing', 'x\n{"type":"ok","id":4}', 'line 2', 'operation 4 was never invoked'],
    [
      'two ends',
      '{"type":"invoke","id":1,"op":"delete","key":"k"}\n{"type":"ok","id":1}\n{"type":"ok","id":1}',
      'line 3',
      'has ended before',
    ],
    ['a broken line', '{"type":"ok","id":', 'line 1', 'not JSON'],
  ])('refuses %s and names the line', (_, text, line, reason) => {
    expect(() => parseHistory(text)).toThrow(
      expect.objectContaining({ code: 'bad-history', message: expect.stringContaining(line) }),
    );
    expect(() => parseHistory(text)).toThrow(reason);
  });
});
