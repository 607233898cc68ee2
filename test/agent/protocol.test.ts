import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { errorFromWire, errorToWire, lineSplitter } from '../../src/agent/protocol.ts';
import { exitStatusOf, PowercutError, StepError, UnavailableError, UsageError } from '../../src/errors.ts';

function split(chunks: readonly string[]): string[] {
  const lines: string[] = [];
  const take = lineSplitter((line) => lines.push(line));
  for (const chunk of chunks) take(chunk);
  return lines;
}

/** A text in pieces, cut wherever it may be cut. */
const anyCut = fc
  .tuple(fc.array(fc.string({ unit: 'grapheme' }).filter((line) => !line.includes('\n'))), fc.array(fc.nat(200)))
  .map(([lines, cuts]) => {
    const text = lines.map((line) => `${line}\n`).join('');
    const places = [0, ...cuts.filter((cut) => cut < text.length).toSorted((left, right) => left - right), text.length];
    return { lines, chunks: places.slice(1).map((end, i) => text.slice(places[i], end)) };
  });

describe('lineSplitter', () => {
  it('gives the same lines however the text is cut', () => {
    fc.assert(
      fc.property(anyCut, ({ lines, chunks }) => {
        expect(split(chunks)).toEqual(lines);
      }),
    );
  });

  it('gives a line as soon as its end is there, and holds back what has none', () => {
    const lines: string[] = [];
    const take = lineSplitter((line) => lines.push(line));
    take('{"id":1');
    expect(lines).toEqual([]);
    take('}\n{"id"');
    expect(lines).toEqual(['{"id":1}']);
    take(':2}');
    take('\n');
    expect(lines).toEqual(['{"id":1}', '{"id":2}']);
  });

  it('keeps empty lines and takes no other line break for one', () => {
    expect(split(['\n\na\r\n', 'b\u2028c\n'])).toEqual(['', '', 'a\r', 'b\u2028c']);
  });
});

describe('an error on the wire', () => {
  const travel = (error: unknown): PowercutError =>
    errorFromWire(JSON.parse(JSON.stringify(errorToWire(error))) as never);

  it.each([
    new UsageError('not like this'),
    new UnavailableError('no loop devices\nwhat would: root'),
    new StepError('capture-refused', 'the recording cannot be trusted'),
    new StepError('engine-lost', ''),
  ])('keeps family, code, message and exit status: %s', (error) => {
    const arrived = travel(error);
    expect(arrived).toBeInstanceOf(error.constructor);
    expect({ code: arrived.code, message: arrived.message }).toEqual({ code: error.code, message: error.message });
    expect(exitStatusOf(arrived)).toBe(exitStatusOf(error));
  });

  it('arrives as a failed step with its stack when it was a bug', () => {
    const arrived = travel(new TypeError('x is not a function'));
    expect(arrived).toBeInstanceOf(StepError);
    expect(arrived.code).toBe('engine-failed');
    expect(arrived.message).toMatch(/^TypeError: x is not a function\n +at .*protocol\.test/);
  });

  it('may be anything that can be thrown', () => {
    expect(travel('text')).toMatchObject({ code: 'engine-failed', message: 'text' });
    expect(travel(undefined)).toMatchObject({ code: 'engine-failed', message: 'undefined' });
  });
});
