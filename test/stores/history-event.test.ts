import { describe, expect, it } from 'vitest';
import { parseHistoryEvent } from '../../src/stores/history-event.ts';

describe('parseHistoryEvent', () => {
  it('reads an operation on one key', () => {
    const line =
      '{"type":"invoke","id":1,"op":"put","key":"k","value":"v","session":3,"class":"fast","reply":true,"timeMs":1.5}';
    const effects = [{ op: 'put', key: 'k', value: 'v' }];
    expect(parseHistoryEvent(line)).toEqual({
      type: 'invoke',
      id: '1',
      op: 'put',
      effects,
      session: '3',
      class: 'fast',
      reply: true,
      timeMs: 1.5,
    });
  });

  it('reads a transaction and a batch', () => {
    const ops = [
      { op: 'delete', key: 'a' },
      { op: 'append', key: 'b', value: 'x' },
    ];
    for (const op of ['txn', 'batch']) {
      expect(parseHistoryEvent(JSON.stringify({ type: 'invoke', id: 'x', op, ops }))).toEqual({
        type: 'invoke',
        id: 'x',
        op,
        effects: ops,
        reply: false,
      });
    }
  });

  it.each(['ok', 'fail', 'info'] as const)('reads %s', (type) => {
    expect(parseHistoryEvent(JSON.stringify({ type, id: 7, error: 'whatever' }))).toEqual({ type, id: '7' });
  });

  it.each([
    'ready',
    'ack 1',
    '',
    '{}',
    '{"type":"note","id":1}',
    '{"level":"info","message":"ok"}',
    '[{"type":"ok","id":1}]',
    '{ not JSON',
  ])('leaves %j alone: it is transcript', (line) => expect(parseHistoryEvent(line)).toBeUndefined());

  it.each([
    ['{"type":"ok","id":1', 'not JSON'],
    ['{"type":"ok"}', '"id" is missing'],
    ['{"type":"invoke","id":1}', '"key" is missing'],
    ['{"type":"invoke","id":1,"op":"get","key":"k"}', '"op" is "get"'],
    ['{"type":"invoke","id":1,"op":"put","key":"k"}', '"value" is missing'],
    ['{"type":"invoke","id":1,"op":"put","key":"k","value":5}', '"value" is 5: expected a string'],
    ['{"type":"invoke","id":1,"op":"txn","ops":[]}', '"ops" must be an array'],
    ['{"type":"invoke","id":1,"op":"txn","ops":[1]}', '"ops" holds something that is no object'],
    ['{"type":"ok","id":1,"timeMs":"now"}', '"timeMs" is "now"'],
  ])('refuses %s', (line, reason) => {
    const event = parseHistoryEvent(line);
    expect(event).toMatchObject({ type: 'bad', reason: expect.stringContaining(reason) });
  });
});
