/** What every strategy promises (strategies/strategy.ts). One that is registered is tested here unasked. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextBarrier } from '../../../src/dmlog/barrier.ts';
import { isFlush, isFuaWrite } from '../../../src/dmlog/entry-role.ts';
import { indexLog, type LogIndex } from '../../../src/dmlog/log-index.ts';
import { formatCrashState, parseCrashState, type CrashState } from '../../../src/replay/crash-state.ts';
import { STRATEGIES } from '../../../src/replay/strategies/registry.ts';
import type { Strategy } from '../../../src/replay/strategies/strategy.ts';
import { anyEntries } from '../../dmlog/any-entries.ts';
import { SAMPLE_LOGS, sampleLog } from '../../dmlog/samples.ts';
import { indexOf } from '../../support/log-file.ts';

const captured: readonly (readonly [string, LogIndex])[] = SAMPLE_LOGS.map((name) => [name, indexLog(sampleLog(name))]);

const proposals = (strategy: Strategy, index: LogIndex): CrashState[] => [...strategy.propose(index)];
const positionOf = ({ crashPoint }: CrashState): number => crashPoint ?? -1;

/** The disk before the log, or everything up to a completed barrier; a FLUSH with data vouches for what stands before it. */
function isLegal(index: LogIndex, { crashPoint }: CrashState): boolean {
  if (crashPoint === undefined) return true;
  if (crashPoint < 0 || crashPoint >= index.entryCount) return false;
  const [flags, count] = [index.flags[crashPoint]!, index.sectorCounts[crashPoint]!];
  if (isFuaWrite(flags, count) || (isFlush(flags) && count === 0)) return true;
  const next = nextBarrier(index, crashPoint);
  return (
    next === crashPoint + 1 && next < index.entryCount && isFlush(index.flags[next]!) && index.sectorCounts[next]! > 0
  );
}

function holdToContract(strategy: Strategy, index: LogIndex): void {
  const states = proposals(strategy, index);
  expect(states.filter((state) => !isLegal(index, state))).toEqual([]);
  expect(states.map((state) => parseCrashState(formatCrashState(state)))).toEqual(states);
  const positions = states.map(positionOf);
  expect(positions).toEqual([...positions].sort((left, right) => left - right));
  expect(new Set(states.map(formatCrashState)).size).toBe(states.length);
  expect(proposals(strategy, index)).toEqual(states);
}

describe.each(Object.entries(STRATEGIES))('%s', (name, strategy: Strategy) => {
  it('has a name that is its flag, and a summary of one line', () => {
    expect(strategy.name).toBe(name);
    expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(strategy.summary).toMatch(/^\S.{10,90}\S$/);
  });

  it.each(captured)('proposes legal states of %s, in log order, once, the same every time', (_, index) => {
    holdToContract(strategy, index);
    expect(proposals(strategy, index).length).toBeGreaterThan(1);
  });

  it('proposes legal states of any log', () => {
    fc.assert(
      fc.property(anyEntries(512), (entries) => holdToContract(strategy, indexOf(entries))),
      { numRuns: 60 },
    );
  });

  it('proposes lazily', () => {
    const [, index] = captured[0]!;
    const iterator = strategy.propose(index)[Symbol.iterator]();
    expect(iterator.next().done).toBe(false);
  });
});
