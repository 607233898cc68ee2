/** What every strategy promises (strategies/strategy.ts). One that is registered is tested here unasked. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { indexLog, type LogIndex } from '../../../src/dmlog/log-index.ts';
import { randomFrom } from '../../../src/random.ts';
import { stateIn } from '../../../src/replay/crash-space.ts';
import type { CrashState } from '../../../src/replay/crash-state.ts';
import { whyIllegal } from '../../../src/replay/legal-state.ts';
import { formatCrashState, parseCrashState } from '../../../src/replay/state-id.ts';
import { STRATEGIES } from '../../../src/replay/strategies/registry.ts';
import type { Proposal, Strategy } from '../../../src/replay/strategies/strategy.ts';
import { anyEntries } from '../../dmlog/any-entries.ts';
import { SAMPLE_LOGS, sampleLog } from '../../dmlog/samples.ts';
import { indexOf } from '../../support/log-file.ts';
import { filesOn } from '../../support/states-of.ts';

const SUBSETS = 300;

const captured: readonly (readonly [string, LogIndex])[] = SAMPLE_LOGS.map((name) => [name, indexLog(sampleLog(name))]);

function* proposals(strategy: Strategy, index: LogIndex): Generator<Proposal> {
  const value = strategy.value?.otherwise(index.sectorBytes) ?? 0;
  yield* strategy.propose({ index, value, random: (stream) => randomFrom(1, stream), files: filesOn(index) });
}

const anchorOf = (proposal: Proposal): number =>
  (proposal.kind === 'state' ? proposal.state.crashPoint : proposal.space.anchor) ?? -1;

function statesOf(proposal: Proposal, index: LogIndex): CrashState[] {
  if (proposal.kind === 'state') return [proposal.state];
  // A group of thousands of writes has more than a test can look at.
  const subsets = [...new Set(proposal.first())];
  const step = Math.ceil(subsets.length / SUBSETS);
  return subsets.filter((_, i) => i % step === 0).map((subset) => stateIn(index, proposal.space, subset));
}

function holdToContract(strategy: Strategy, index: LogIndex): void {
  const all = [...proposals(strategy, index)];
  const states = all.flatMap((proposal) => statesOf(proposal, index));
  expect(states.map((state) => [formatCrashState(state), whyIllegal(index, state)]).filter(([, why]) => why)).toEqual(
    [],
  );
  expect(states.map((state) => parseCrashState(formatCrashState(state)))).toEqual(states);
  const anchors = all.map(anchorOf);
  expect(anchors).toEqual([...anchors].sort((left, right) => left - right));
  const single = all.filter(({ kind }) => kind === 'state').flatMap((proposal) => statesOf(proposal, index));
  expect(new Set(single.map(formatCrashState)).size).toBe(single.length);
  const again = [...proposals(strategy, index)].flatMap((proposal) => statesOf(proposal, index));
  expect(again).toEqual(states);
}

describe.each(Object.entries(STRATEGIES))('%s', (name, strategy: Strategy) => {
  it('has a name that is its flag, and a summary of one line', () => {
    expect(strategy.name).toBe(name);
    expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(strategy.summary).toMatch(/^\S.{10,90}\S$/);
  });

  it.each(captured)('proposes legal states of %s, in log order, once, the same every time', (_, index) => {
    holdToContract(strategy, index);
  });

  it('proposes something for a captured log', () => {
    const [, index] = captured.find(([log]) => log.startsWith('sqlite'))!;
    expect([...proposals(strategy, index)].length).toBeGreaterThan(20);
  });

  it('proposes legal states of any log', () => {
    fc.assert(
      fc.property(anyEntries(512), (entries) => holdToContract(strategy, indexOf(entries))),
      { numRuns: 60 },
    );
  });

  it('proposes lazily', () => {
    const [, index] = captured.find(([log]) => log.startsWith('sqlite'))!;
    expect(proposals(strategy, index)[Symbol.iterator]().next().done).toBe(false);
  });
});
