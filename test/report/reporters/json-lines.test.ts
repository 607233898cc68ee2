import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { EVENT_SCHEMA } from '../../../src/report/event-schema.ts';
import type { RunEvent } from '../../../src/report/events.ts';
import { createJsonLinesReporter } from '../../../src/report/reporters/json-lines.ts';
import { CANNED, KILLED, report } from '../canned-events.ts';
import { fakeContext, play } from '../fake-context.ts';

const isEvent = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(EVENT_SCHEMA);

function linesOf(text: string): unknown[] {
  expect(text.endsWith('\n')).toBe(true);
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
}

const KILL_EVENTS: readonly RunEvent[] = [
  {
    type: 'kill-start',
    filesystem: 'ext4',
    mode: 'stop',
    seed: 7,
    trials: 100,
    writers: 2,
    workers: 3,
    notes: ['one'],
  },
  { type: 'kill-end', run: KILLED },
  { type: 'run-end', report: report(KILLED) },
];

describe('the jsonl reporter', () => {
  const context = fakeContext();
  play(createJsonLinesReporter, context);
  const [header, ...events] = linesOf(context.written.stdout);

  it('writes a header and every event, whole and in order, with its time', () => {
    expect(header).toEqual({ type: 'header', format: 'powercut-events', formatVersion: 1 });
    let atMs = 0;
    const expected = CANNED.map(([stepMs, event]) => ({ ...event, atMs: (atMs += stepMs) }));
    expect(events).toEqual(expected);
  });

  it('keeps to its schema, line by line', () => {
    const kills = KILL_EVENTS.map((event) => ({ ...event, atMs: 1 }));
    for (const line of [header, ...events, ...kills])
      expect({ line, valid: isEvent(line) }).toEqual({ line, valid: true });
  });

  it('is tested with every type of event', () => {
    const all: Record<RunEvent['type'], true> = {
      note: true,
      'record-start': true,
      'record-phase': true,
      'record-end': true,
      'replay-start': true,
      'kill-start': true,
      'kill-end': true,
      'state-end': true,
      'space-end': true,
      'recovery-planned': true,
      finding: true,
      'replay-end': true,
      'run-end': true,
    };
    expect(new Set([...CANNED.map(([, event]) => event), ...KILL_EVENTS].map(({ type }) => type))).toEqual(
      new Set(Object.keys(all)),
    );
  });

  it('ends with the reason when the run failed, also when nothing had happened', () => {
    const failed = fakeContext();
    createJsonLinesReporter(failed).close?.('no kernel\nmore');
    const lines = linesOf(failed.written.stdout);
    expect(lines[1]).toEqual({ type: 'run-failed', atMs: 0, message: 'no kernel\nmore' });
    expect(lines.every((line) => isEvent(line))).toBe(true);
  });

  it.each([
    { type: 'note', atMs: 0 },
    { type: 'note', atMs: 0, text: 'x', more: 1 },
    { type: 'nothing', atMs: 0 },
    { type: 'state-end', atMs: 0, state: 'p1', acked: 0, verdict: { kind: 'fine' }, deduplicatedStates: 0 },
    { type: 'note', text: 'x' },
  ])('has a schema that refuses %j', (line) => {
    expect(isEvent(line)).toBe(false);
  });
});
