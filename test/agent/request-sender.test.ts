import fc from 'fast-check';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { PartMessage } from '../../src/agent/protocol.ts';
import { RequestSender } from '../../src/agent/request-sender.ts';

/** Where user-mode Linux switches a terminal's reader off. */
const THROTTLE_BYTES = 3968;

/** Sends these lines to a reader that takes every part. @returns what came, and the most that was ever unread */
function through(lines: readonly string[]): { came: string[]; unreadBytes: number } {
  const stream = new PassThrough();
  const sender = new RequestSender(stream);
  for (const line of lines) sender.send(line);
  const came: string[] = [];
  let held = '';
  let unreadBytes = 0;
  for (let chunk = stream.read() as Buffer | null; chunk; chunk = stream.read() as Buffer | null) {
    unreadBytes = Math.max(unreadBytes, chunk.length);
    for (const text of chunk.toString().split('\n').filter(Boolean)) {
      const message = JSON.parse(text) as PartMessage | { text: string };
      if (!('part' in message)) {
        came.push(text);
        continue;
      }
      held += message.part;
      if (message.last) came.push(held);
      if (message.last) held = '';
      sender.taken();
    }
  }
  return { came, unreadBytes };
}

describe('RequestSender', () => {
  it('sends what is short as it is', () => {
    expect(through(['{"id":1}', '{"id":2}'])).toMatchObject({ came: ['{"id":1}', '{"id":2}'] });
  });

  it('brings lines of any length across, in order, and never has more under way than a terminal takes', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 6000 });
    fc.assert(
      fc.property(fc.array(text, { maxLength: 3 }), (texts) => {
        const lines = texts.map((each) => JSON.stringify({ text: each }));
        const long = lines.filter((line) => line.length > 1000);
        const { came, unreadBytes } = through(long);
        expect(came).toEqual(long);
        expect(unreadBytes).toBeLessThan(THROTTLE_BYTES);
      }),
      { numRuns: 50 },
    );
  });
});
