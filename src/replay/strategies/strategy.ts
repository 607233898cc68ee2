import type { LogIndex } from '../../dmlog/log-index.ts';
import type { CrashState } from '../crash-state.ts';

/** A rule that proposes crash states. It sees positions only, never contents, and proposes lazily, in log order. */
export interface Strategy {
  /** As in `--each-barrier`, without the dashes. */
  readonly name: string;
  /** One line for `--help`. */
  readonly summary: string;
  /** Every state is legal: the strategy's opening comment says by which rule. */
  propose(index: LogIndex): Iterable<CrashState>;
}
