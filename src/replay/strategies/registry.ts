import { eachBarrier } from './each-barrier.ts';
import type { Strategy } from './strategy.ts';

/** One line a strategy; options, help and reports are made from it. */
export const STRATEGIES = {
  'each-barrier': eachBarrier,
} satisfies Record<string, Strategy>;

export type StrategyName = keyof typeof STRATEGIES;
