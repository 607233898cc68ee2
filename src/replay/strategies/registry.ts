import { bitFlip } from './bit-flip.ts';
import { dropFlush } from './drop-flush.ts';
import { eachBarrier } from './each-barrier.ts';
import { eachWrite } from './each-write.ts';
import { inFlight } from './in-flight.ts';
import type { Strategy } from './strategy.ts';
import { torn } from './torn.ts';

/** One line a strategy; options, help and reports are made from it. */
export const STRATEGIES = {
  'each-barrier': eachBarrier,
  'each-write': eachWrite,
  'in-flight': inFlight,
  torn,
  'drop-flush': dropFlush,
  'bit-flip': bitFlip,
} satisfies Record<string, Strategy>;

export type StrategyName = keyof typeof STRATEGIES;
