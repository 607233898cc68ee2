/** Modes with chosen findings, as comparisons are tested with them. */
import type { Finding } from '../../src/checks/finding.ts';
import { compareModes, type Comparison } from '../../src/compare/comparison.ts';
import type { ModeRun } from '../../src/compare/mode.ts';
import { HELD, LOST } from '../report/canned-events.ts';

export { LOST };

export interface Told {
  readonly findings?: readonly Finding[];
  readonly kernel?: string;
  readonly operations?: number;
  /** Not all states were tried. */
  readonly cutShort?: boolean;
}

export function modeRun(filesystem: string, told: Told = {}): ModeRun {
  const { findings = [], kernel, operations = 20, cutShort = false } = told;
  const name = kernel === undefined ? filesystem : `${filesystem}, kernel ${kernel}`;
  const tested = cutShort ? 40 : 100;
  return {
    mode: { name, filesystem, ...(kernel !== undefined && { kernel }) },
    run: { ...HELD, filesystem, findings, states: { ...HELD.states, tested, violated: findings.length } },
    cost: { operations, bytes: operations * 1536, barriers: operations * 2 + 1 },
    replayKernel: '6.18.44',
  };
}

export const notRun = (filesystem: string, obstacle: string): ModeRun => ({
  mode: { name: filesystem, filesystem },
  obstacle,
});

export const comparisonOf = (...runs: readonly ModeRun[]): Comparison =>
  compareModes(
    { environment: { powercut: '0.1.0', node: 'v20.20.2' }, strategies: ['each-barrier', 'torn'], seed: 1 },
    runs,
  );
