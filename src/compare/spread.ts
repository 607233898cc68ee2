import { compareStrength } from '../filesystems/strength.ts';
import type { Mode } from './mode.ts';

/** The modes that show a finding, those that certainly do not, and those that were not judged to the end. */
export interface Shown {
  readonly on: readonly Mode[];
  readonly absent: readonly Mode[];
  readonly open: readonly Mode[];
}

/**
 * Which modes show a finding:
 *
 * - `all`: each of two or more;
 * - `weaker`: only modes of which a stronger one does not, and none that is stronger than, or as strong as, a mode without;
 * - `one`, `some`: one mode, or several but not all, and no order explains which;
 * - `undecided`: too little was compared to say.
 */
export const SPREADS = ['all', 'weaker', 'one', 'some', 'undecided'] as const;
export type Spread = (typeof SPREADS)[number];

export function spreadOf({ on, absent, open }: Shown): Spread {
  if (absent.length === 0) return open.length === 0 && on.length > 1 ? 'all' : 'undecided';
  const isExplained = on.every((mode) => absent.some((other) => strength(mode, other) === 'weaker'));
  if (isExplained && !isUpsideDown({ on, absent })) return 'weaker';
  return on.length === 1 && open.length === 0 ? 'one' : 'some';
}

/** Whether a mode without the finding promises no more than one that has it. */
function isUpsideDown(shown: Pick<Shown, 'on' | 'absent'>): boolean {
  const orders = shown.on.flatMap((mode) => shown.absent.map((other) => strength(mode, other)));
  return orders.some((order) => order === 'stronger' || order === 'same');
}

/** Modes without the finding that promise less than one that has it. */
export function weakerWithout({ on, absent }: Shown): Mode[] {
  return absent.filter((other) => on.some((mode) => strength(mode, other) === 'stronger'));
}

/** Whether the same file system, on another kernel, does not show the finding. */
export function differsByKernel({ on, absent }: Shown): boolean {
  return on.some((mode) => absent.some((other) => mode.filesystem === other.filesystem));
}

const strength = (mode: Mode, other: Mode) => compareStrength(mode.filesystem, other.filesystem);
