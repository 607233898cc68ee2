import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { tailKeeper } from '../../src/agent/tail-keeper.ts';

async function tailOf(chunks: readonly (string | Buffer)[]): Promise<string> {
  const stream = new PassThrough();
  const tail = tailKeeper(stream);
  for (const chunk of chunks) stream.write(chunk);
  stream.end();
  await new Promise((resolve) => stream.once('end', resolve));
  return tail();
}

describe('tailKeeper', () => {
  it('keeps the last forty lines', async () => {
    const lines = Array.from({ length: 100 }, (_, i) => `line ${i}`);
    expect(await tailOf(lines.map((line) => `${line}\n`))).toBe(lines.slice(60).join('\n'));
  });

  it('keeps no more than 16,384 characters of a line without an end', async () => {
    expect(await tailOf(['a', 'x'.repeat(100_000), 'end'])).toHaveLength(16_384);
  });

  it('puts together a character that came in two pieces', async () => {
    const bytes = Buffer.from('Oops: ü\n');
    expect(await tailOf([bytes.subarray(0, 7), bytes.subarray(7)])).toBe('Oops: ü');
  });

  it('is empty when nothing was said, and survives a stream that breaks', () => {
    const stream = new PassThrough();
    const tail = tailKeeper(stream);
    stream.destroy(new Error('EIO'));
    expect(tail()).toBe('');
  });
});
