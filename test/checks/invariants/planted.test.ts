/** Every invariant is raised by a planted fault, with the right class, key and operation; and by nothing else. */
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { Recovered } from '../../../src/checks/invariants/invariant.ts';
import { INVARIANTS } from '../../../src/checks/invariants/registry.ts';
import { Oracle } from '../../../src/checks/oracle/oracle.ts';
import { VIOLATION_CLASSES, type ViolationClass } from '../../../src/checks/verdict.ts';
import { parseDurability } from '../../../src/stores/durability.ts';
import { parseHistory, type History } from '../../../src/stores/history.ts';

// Thousands of cases; a busy machine needs more than the usual five seconds for them.
vi.setConfig({ testTimeout: 120_000 });

interface Step {
  readonly id: number;
  readonly op: 'put' | 'delete' | 'append' | 'txn';
  readonly effects: readonly { readonly op: string; readonly key: string; readonly value?: string }[];
}

/** One after the other, all acknowledged: puts of 6 keys, some deleted again, some overwritten. */
function sequence(length: number, seed: number): Step[] {
  return Array.from({ length }, (_, i) => {
    const id = i + 1;
    const key = `k${(id * 7 + seed) % 6}`;
    const value = `value-${id}-${'x'.repeat(20)}-${id * 31}`;
    if ((id * 5 + seed) % 11 === 0) return { id, op: 'delete', effects: [{ op: 'delete', key }] };
    if ((id * 3 + seed) % 7 === 0) {
      const effects = ['p', 'q', 'r'].map((name) => ({ op: 'put', key: `t-${name}`, value: `${value}-${name}` }));
      return { id, op: 'txn', effects };
    }
    return { id, op: 'put', effects: [{ op: 'put', key, value }] };
  });
}

function historyOf(steps: readonly Step[]): History {
  const lines = steps.flatMap(({ id, op, effects }) => [
    JSON.stringify(
      op === 'txn'
        ? { type: 'invoke', id, op, ops: effects, reply: true }
        : { type: 'invoke', id, ...effects[0], reply: true },
    ),
    JSON.stringify({ type: 'ok', id }),
  ]);
  return parseHistory(lines.join('\n'))!;
}

function contentOf(steps: readonly Step[]): Map<string, string> {
  const entries = new Map<string, string>();
  for (const { op, key, value = '' } of steps.flatMap(({ effects }) => effects)) {
    if (op === 'delete') entries.delete(key);
    else entries.set(key, op === 'append' ? (entries.get(key) ?? '') + value : value);
  }
  return entries;
}

const opened = (entries: ReadonlyMap<string, string>): Recovered => ({ kind: 'opened', entries });

/** The last operation that touches its key, or all of its keys; so that nothing later hides what happens to it. */
function lastOn(steps: readonly Step[], wanted: (step: Step, at: number) => boolean): number {
  return steps.findLastIndex((step, at) => {
    const later = new Set(steps.slice(at + 1).flatMap(({ effects }) => effects.map(({ key }) => key)));
    return wanted(step, at) && step.effects.every(({ key }) => !later.has(key));
  });
}

interface Plant {
  readonly class: ViolationClass;
  /** What the message must name. */
  readonly names: readonly string[];
  readonly recovered: Recovered;
  readonly again?: Recovered;
}

const without = (steps: readonly Step[], at: number): Step[] => steps.filter((_, i) => i !== at);
const idText = ({ id }: Step): string => `operation ${id} (`;

/** One fault for each class of each invariant; undefined when this history has no place for it. */
const PLANTS: Record<string, Record<string, (steps: readonly Step[]) => Plant | undefined>> = {
  'store-opens': {
    'wont-open': () => ({
      class: 'wont-open',
      names: ['exited with status 3'],
      recovered: {
        kind: 'failed',
        verdict: {
          kind: 'violated',
          class: 'wont-open',
          blamed: 'store',
          invariant: 'store-opens',
          message: 'recover exited with status 3',
        },
      },
    }),
  },
  'nothing-invented': {
    phantom: (steps) => ({
      class: 'phantom',
      names: ['"nobody"'],
      recovered: opened(contentOf(steps).set('nobody', 'x')),
    }),
    torn: (steps) => changeValue(steps, 'torn', (value) => value.slice(0, 12)),
    corrupt: (steps) => changeValue(steps, 'corrupt', (value) => value.replace('xxxx', 'zzzz')),
  },
  'transactions-whole': {
    torn: (steps) => {
      const at = lastOn(steps, ({ op }) => op === 'txn');
      if (at < 0) return undefined;
      const before = contentOf(without(steps, at)).get('t-q');
      const entries = contentOf(steps);
      if (before === undefined) entries.delete('t-q');
      else entries.set('t-q', before);
      return { class: 'torn', names: [idText(steps[at]!), '"t-q"'], recovered: opened(entries) };
    },
  },
  'order-kept': {
    reordered: (steps) => {
      const at = lastOn(steps, ({ op }, i) => op === 'put' && steps.slice(i + 1).some((later) => later.op === 'put'));
      if (at < 0 || lastOn(steps, ({ op }, i) => i > at && op === 'put') < 0) return undefined;
      const names = [idText(steps[at]!), `"${steps[at]!.effects[0]!.key}"`];
      return { class: 'reordered', names, recovered: opened(contentOf(without(steps, at))) };
    },
  },
  'acknowledged-survive': {
    lost: (steps) => {
      if (steps.at(-1)?.op !== 'put') return undefined;
      const names = [idText(steps.at(-1)!), `"${steps.at(-1)!.effects[0]!.key}"`];
      return { class: 'lost', names, recovered: opened(contentOf(steps.slice(0, -1))) };
    },
  },
  'deleted-stays-deleted': {
    ghost: (steps) => {
      const at = lastOn(
        steps,
        ({ op }, i) => op === 'delete' && contentOf(steps.slice(0, i)).has(steps[i]!.effects[0]!.key),
      );
      if (at < 0) return undefined;
      const names = [idText(steps[at]!), `"${steps[at]!.effects[0]!.key}"`];
      return { class: 'ghost', names, recovered: opened(contentOf(without(steps, at))) };
    },
  },
  'recovery-repeats': {
    unstable: (steps) => {
      const again = contentOf(steps);
      const [key] = again.keys();
      if (key === undefined) return undefined;
      again.delete(key);
      return { class: 'unstable', names: [`"${key}"`], recovered: opened(contentOf(steps)), again: opened(again) };
    },
  },
};

function changeValue(
  steps: readonly Step[],
  kind: 'torn' | 'corrupt',
  change: (value: string) => string,
): Plant | undefined {
  const entries = contentOf(steps);
  const [entry] = entries;
  if (entry === undefined) return undefined;
  entries.set(entry[0], change(entry[1]));
  return { class: kind, names: [JSON.stringify(entry[0])], recovered: opened(entries) };
}

/** A store that did not open may also say itself what it found; those classes are not its own to raise. */
const raisedBy = ({ name, classes }: (typeof INVARIANTS)[number]): readonly string[] =>
  name === 'store-opens' ? ['wont-open'] : classes;

const anySequence = fc
  .tuple(fc.integer({ min: 4, max: 60 }), fc.nat(50))
  .map(([length, seed]) => sequence(length, seed));

describe.each(INVARIANTS.map((invariant) => [invariant.name, invariant] as const))('%s', (name, invariant) => {
  it('says what it guarantees', () => {
    expect(invariant.sentence).toMatch(/^[A-Z].*\.$/);
  });

  it('has a planted fault for each class that it raises', () => {
    expect(Object.keys(PLANTS[name] ?? {}).sort()).toEqual([...raisedBy(invariant)].sort());
  });

  it.each(raisedBy(invariant))('raises %s, and names key and operation', (violationClass) => {
    let planted = 0;
    fc.assert(
      fc.property(anySequence, (steps) => {
        const plant = PLANTS[name]![violationClass]!(steps);
        if (plant === undefined) return;
        planted++;
        const history = historyOf(steps);
        const { verdict } = new Oracle(history, parseDurability([])).judge(
          plant.recovered,
          history.events.length - 1,
          plant.again,
        );
        expect(verdict).toMatchObject({ kind: 'violated', class: plant.class, invariant: name, blamed: 'store' });
        for (const text of plant.names) expect((verdict as { message: string }).message).toContain(text);
      }),
      { numRuns: 300 },
    );
    expect(planted).toBeGreaterThan(20);
  });
});

describe('the classes', () => {
  // Planted in test/checks/filesystem-outcome.test.ts and outcome.test.ts, for they are nothing that an invariant finds.
  const FILESYSTEMS = ['unmountable', 'fsck', 'kernel'];
  const CHECKS = ['unstated'];

  it('are raised by an invariant with a planted fault, by the file system, or by nobody but a check', () => {
    const planted = INVARIANTS.flatMap(raisedBy);
    expect([...new Set([...planted, ...FILESYSTEMS, ...CHECKS])].sort()).toEqual([...VIOLATION_CLASSES].sort());
  });
});

describe('the sound store', () => {
  it('raises nothing', () => {
    fc.assert(
      fc.property(anySequence, (steps) => {
        const history = historyOf(steps);
        const recovered = opened(contentOf(steps));
        const { verdict } = new Oracle(history, parseDurability([])).judge(
          recovered,
          history.events.length - 1,
          recovered,
        );
        expect(verdict).toEqual({ kind: 'ok' });
      }),
      { numRuns: 300 },
    );
  });
});
