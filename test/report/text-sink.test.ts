import { spawn } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { textSinkOf, type TextStream } from '../../src/report/text-sink.ts';

class FakeStream extends EventEmitter implements TextStream {
  readonly written: string[] = [];
  readonly isTTY = true;
  columns = 120;

  write(text: string): boolean {
    this.written.push(text);
    return true;
  }
}

const failure = (code: string): Error => Object.assign(new Error(`${code}: oh`), { code });

describe('textSinkOf', () => {
  it('passes text on and asks for the width each time', () => {
    const stream = new FakeStream();
    const sink = textSinkOf(stream, () => undefined);
    sink.write('a');
    expect([stream.written, sink.isTTY, sink.columns()]).toEqual([['a'], true, 120]);
    stream.columns = 40;
    expect(sink.columns()).toBe(40);
  });

  it.each(['EPIPE', 'ERR_STREAM_DESTROYED'])('writes no more after %s, and does not complain', (code) => {
    const stream = new FakeStream();
    const notes: string[] = [];
    const sink = textSinkOf(stream, (line) => notes.push(line));
    stream.emit('error', failure(code));
    sink.write('b');
    expect([stream.written, notes]).toEqual([[], []]);
  });

  it('tells any other failure, once', () => {
    const stream = new FakeStream();
    const notes: string[] = [];
    textSinkOf(stream, (line) => notes.push(line));
    stream.emit('error', failure('ENOSPC'));
    stream.emit('error', failure('ENOSPC'));
    expect(notes).toEqual(['cannot write the report any further: ENOSPC: oh']);
  });

  it('knows a pipe for no terminal of 80 columns', () => {
    const sink = textSinkOf({ write: () => true, on: () => undefined }, () => undefined);
    expect([sink.isTTY, sink.columns()]).toEqual([false, 80]);
  });

  it('survives a real pipe whose reader leaves early', async () => {
    const notes: string[] = [];
    const { stdin } = spawn('true', { stdio: ['pipe', 'ignore', 'ignore'] });
    const closed = new Promise((resolve) => stdin.once('close', resolve));
    const sink = textSinkOf(stdin, (line) => notes.push(line));
    // Far more than a pipe holds, so that the writer is still at it when the reader is gone.
    sink.write('x'.repeat(4 << 20));
    await closed;
    sink.write('and more');
    expect(notes).toEqual([]);
  });
});
