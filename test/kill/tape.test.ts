import { describe, expect, it } from 'vitest';
import { Oracle } from '../../src/checks/oracle/oracle.ts';
import { Tape, type Instant } from '../../src/kill/tape.ts';
import { parseDurability } from '../../src/stores/durability.ts';

const invoke = (id: number, key: string, value: string, reply = true): string =>
  JSON.stringify({ type: 'invoke', id, op: 'put', key, value, reply });
const ok = (id: number): string => JSON.stringify({ type: 'ok', id });

function tapeOf(writers: number, ...lines: readonly (readonly [writer: number, line: string])[]): Tape {
  const tape = new Tape(writers);
  lines.forEach(([writer, line], index) => tape.take(writer, line, index));
  return tape;
}

function judge({ history, passed }: Instant, holds: Record<string, string>) {
  const oracle = new Oracle(history, parseDurability([]));
  return oracle.judge({ kind: 'opened', entries: new Map(Object.entries(holds)) }, passed).verdict;
}

describe('Tape', () => {
  it('counts the lines of the contract, answers those that wait, and knows who is ready', () => {
    const tape = new Tape(1);
    expect(tape.take(0, 'hello', 1)).toBe(false);
    expect(tape.isReady(0)).toBe(false);
    expect(tape.take(0, 'ready', 2)).toBe(false);
    expect(tape.isReady(0)).toBe(true);
    expect(tape.take(0, 'ack 1', 3)).toBe(true);
    expect(tape.take(0, invoke(2, 'k', 'v'), 4)).toBe(true);
    expect(tape.take(0, ok(2), 5)).toBe(true);
    expect({ lines: tape.lines, ready: tape.readyLine, acked: tape.acked }).toEqual({
      lines: 4,
      ready: 1,
      acked: ['1', '2'],
    });
  });

  it('tells the operations and acknowledgements of several writers apart', () => {
    const tape = tapeOf(2, [0, invoke(1, 'a', 'x')], [1, invoke(1, 'b', 'y')], [1, ok(1)], [0, ok(1)]);
    const { acked, history, passed } = tape.end(new Set());
    expect(acked).toEqual(['1:1', '0:1']);
    expect(history!.operations.map(({ id }) => id)).toEqual(['0:1', '1:1']);
    expect(passed).toBe(3);
  });

  it('holds an acknowledgement against the store that was printed before the end, whenever it was read', () => {
    const tape = tapeOf(1, [0, invoke(1, 'k', 'v')], [0, ok(1)]);
    expect(judge(tape.end(new Set()), {})).toMatchObject({ kind: 'violated', class: 'lost' });
  });

  it('takes an operation that was never answered for one that had not begun', () => {
    const tape = tapeOf(2, [0, invoke(1, 'k', 'v')], [1, invoke(1, 'l', 'w')]);
    expect(judge(tape.end(new Set([0])), { k: 'v' })).toMatchObject({ kind: 'violated', class: 'phantom' });
    expect(judge(tape.end(new Set([0])), { l: 'w' })).toEqual({ kind: 'ok' });
    expect(judge(tape.end(new Set()), { k: 'v' })).toEqual({ kind: 'ok' });
  });

  it('knows of an instant only what had been read by then', () => {
    const tape = tapeOf(1, [0, invoke(1, 'k', 'v')], [0, ok(1)], [0, invoke(2, 'k', 'w')], [0, ok(2)]);
    expect(judge(tape.at(1, 2), { k: 'v' })).toEqual({ kind: 'ok' });
    expect(judge(tape.at(2, 4), { k: 'v' })).toMatchObject({ kind: 'violated', class: 'lost' });
  });

  it('refuses operations that do not wait, from several writers', () => {
    expect(tapeOf(1, [0, invoke(1, 'k', 'v', false)]).fault).toBeUndefined();
    expect(tapeOf(2, [0, invoke(1, 'k', 'v', false)]).fault).toMatch(/^operation 1 does not wait: /);
  });

  it.each(['ack', 'ack a b', '{"type":"ok"}'])('blames what it cannot use: %s', (line) => {
    expect(tapeOf(1, [0, line]).fault).toBeDefined();
  });

  it('blames a history that contradicts itself', () => {
    const tape = tapeOf(1, [0, ok(1)]);
    tape.end(new Set());
    expect(tape.fault).toBe('its history cannot be used: operation 1 was never invoked');
  });
});
