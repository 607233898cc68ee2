import { describe, expect, it } from 'vitest';
import type { LogIndex } from '../../src/dmlog/log-index.ts';
import { HistoryMarks } from '../../src/engine/history-marks.ts';
import { parseHistory } from '../../src/stores/history.ts';
import { entryIndex } from '../../src/units.ts';

function indexWith(marks: readonly (readonly [entry: number, text: string])[]): LogIndex {
  const table = {
    count: marks.length,
    entryAt: (i: number) => entryIndex(marks[i]![0]),
    textAt: (i: number) => marks[i]![1],
  };
  return { marks: table } as unknown as LogIndex;
}

describe('HistoryMarks', () => {
  // Positions 0 to 5; the second invocation left no mark, since nobody waited for it.
  const history = parseHistory(`
{"type":"invoke","id":1,"op":"delete","key":"k","reply":true}
{"type":"invoke","id":2,"op":"delete","key":"k"}
{"type":"ok","id":1}
{"type":"fail","id":2}
{"type":"invoke","id":3,"op":"delete","key":"k","reply":true}
{"type":"ok","id":3}`)!;
  const marks = [
    [0, 'start:n'],
    [2, 'ready'],
    [4, 'invoke:1'],
    [7, 'ack:1'],
    [8, 'ack:other'],
    [9, 'fail:2'],
    [12, 'invoke:3'],
    [20, 'ack:3'],
  ] as const;

  it('tells the last event before an entry of the log', () => {
    const at = new HistoryMarks(indexWith(marks), history);
    expect([0, 4, 5, 7, 8, 9, 10, 12, 13, 20, 21].map((entry) => at.passedBefore(entry))).toEqual([
      -1, -1, 0, 0, 2, 2, 3, 3, 4, 4, 5,
    ]);
  });
});
