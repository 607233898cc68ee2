import { describe, expect, it } from 'vitest';
import type { Reporter, RunEvent } from '../../src/report/events.ts';
import { multiplexReporters } from '../../src/report/multiplexer.ts';

const note = (text: string): RunEvent => ({ type: 'note', text });

function recorder(): Reporter & { readonly seen: string[] } {
  const seen: string[] = [];
  return {
    seen,
    onEvent: (event) => void seen.push(event.type === 'note' ? event.text : event.type),
    close: () => void seen.push('closed'),
  };
}

describe('multiplexReporters', () => {
  it('gives every event to every reporter, in order, then closes each once', () => {
    const [first, second] = [recorder(), recorder()];
    const all = multiplexReporters(
      [
        { name: 'a', reporter: first },
        { name: 'b', reporter: second },
      ],
      () => undefined,
    );
    all.onEvent(note('1'));
    all.onEvent(note('2'));
    all.close();
    all.close();
    expect(first.seen).toEqual(['1', '2', 'closed']);
    expect(second.seen).toEqual(first.seen);
  });

  it('drops one that throws, says so once, and spares the others', () => {
    const good = recorder();
    const notes: string[] = [];
    let calls = 0;
    const bad: Reporter = {
      onEvent() {
        calls += 1;
        throw new Error('no paper');
      },
      close() {
        throw new Error('closed though it was dropped');
      },
    };
    const all = multiplexReporters(
      [
        { name: 'bad', reporter: bad },
        { name: 'good', reporter: good },
      ],
      (line) => notes.push(line),
    );
    all.onEvent(note('1'));
    all.onEvent(note('2'));
    all.close();
    expect(calls).toBe(1);
    expect(notes).toEqual(['the reporter "bad" failed and is left out from here on: no paper']);
    expect(good.seen).toEqual(['1', '2', 'closed']);
  });

  it('closes the others when one fails to', () => {
    const good = recorder();
    const bad: Reporter = {
      onEvent: () => undefined,
      close() {
        throw new Error('stuck');
      },
    };
    const all = multiplexReporters(
      [
        { name: 'bad', reporter: bad },
        { name: 'good', reporter: good },
      ],
      () => undefined,
    );
    expect(() => all.close()).not.toThrow();
    expect(good.seen).toEqual(['closed']);
  });

  it('does without close', () => {
    const all = multiplexReporters([{ name: 'a', reporter: { onEvent: () => undefined } }], () => undefined);
    expect(() => all.close()).not.toThrow();
  });
});
