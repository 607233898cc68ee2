/** Ten writers at once on a thousand keys, drawn from one seed: one lost update is found, and named by key and operation. */
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { applyEffect, timelinesOf } from '../../../src/checks/oracle/timeline.ts';
import { Oracle } from '../../../src/checks/oracle/oracle.ts';
import type { Verdict } from '../../../src/checks/verdict.ts';
import type { Effect } from '../../../src/stores/history-event.ts';
import { parseDurability } from '../../../src/stores/durability.ts';
import { parseHistory, type History } from '../../../src/stores/history.ts';

// Thousands of operations in each case.
vi.setConfig({ testTimeout: 120_000 });

const WRITERS = 10;
const KEYS = 1000;
const OPERATIONS = 5000;

interface Written {
  readonly history: History;
  /** In the order in which they took effect. */
  readonly effects: readonly { readonly id: string; readonly effect: Effect }[];
}

/** Numbers from a seed: a linear congruential generator with the constants of Numerical Recipes. */
function drawer(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Each writer invokes, takes effect, says ok; which one is next is drawn. Odd keys are appended to, the others put. */
function write(seed: number): Written {
  const draw = drawer(seed);
  const lines: string[] = [];
  const effects: { id: string; effect: Effect }[] = [];
  const running: ({ id: number; effect: Effect; effective: boolean } | undefined)[] = [];
  for (let id = 1; id <= OPERATIONS || running.some(Boolean);) {
    const writer = draw(WRITERS);
    const mine = running[writer];
    if (mine === undefined) {
      if (id > OPERATIONS) continue;
      const key = draw(KEYS);
      const effect: Effect = { op: key % 2 === 0 ? 'put' : 'append', key: `key-${key}`, value: `<${id}>` };
      lines.push(JSON.stringify({ type: 'invoke', id, ...effect, session: `s${writer}`, reply: true }));
      running[writer] = { id: id++, effect, effective: false };
    } else if (!mine.effective) {
      effects.push({ id: String(mine.id), effect: mine.effect });
      mine.effective = true;
    } else {
      lines.push(JSON.stringify({ type: 'ok', id: mine.id }));
      running[writer] = undefined;
    }
  }
  return { history: parseHistory(lines.join('\n'))!, effects };
}

function contentWithout({ effects }: Written, lost?: string): Map<string, string> {
  const entries = new Map<string, string>();
  for (const { id, effect } of effects) {
    if (id !== lost) entries.set(effect.key, applyEffect(entries.get(effect.key), effect)!);
  }
  return entries;
}

/** Operations whose loss nothing excuses: none on their key overlaps them, and none puts over them. */
function detectable({ history }: Written): string[] {
  return [...timelinesOf(history).values()].flatMap(({ operations }) =>
    operations
      .filter((part) => {
        const others = operations.filter((each) => each !== part);
        const isAlone = others.every(({ start, end }) => end < part.start || start > part.end);
        return isAlone && (part.operation.op === 'append' || others.every(({ end }) => end < part.start));
      })
      .map(({ operation }) => operation.id),
  );
}

function judge({ history }: Written, entries: ReadonlyMap<string, string>): Verdict {
  const oracle = new Oracle(history, parseDurability([]));
  return oracle.judge({ kind: 'opened', entries }, history.events.length - 1).verdict;
}

describe('ten writers at once on a thousand keys', () => {
  it('hold when nothing is lost; a lost update is named by key and operation', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (seed, choice) => {
        const written = write(seed);
        expect(judge(written, contentWithout(written))).toEqual({ kind: 'ok' });
        const candidates = detectable(written);
        expect(candidates.length).toBeGreaterThan(KEYS / 2);
        const lost = candidates[choice % candidates.length]!;
        const { op, effects } = written.history.operations.find(({ id }) => id === lost)!;
        expect(judge(written, contentWithout(written, lost))).toMatchObject({
          kind: 'violated',
          class: expect.stringMatching(/^(?:lost|reordered)$/) as string,
          message: expect.stringContaining(`operation ${lost} (${op} "${effects[0]!.key}")`) as string,
        });
      }),
      { numRuns: 8 },
    );
  });
});
