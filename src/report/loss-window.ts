/** How much a power cut took of what was acknowledged, at worst, beside what the store promises of it. */
export interface LossWindow {
  /** Class of operations; `default` for those without one. */
  readonly class: string;
  /** `sync`, `group <= 100 ms` or `none`. */
  readonly promise: string;
  /** The most acknowledged operations that one crash state had lost. */
  readonly operations: number;
  /** The greatest age of a lost one at the crash, milliseconds; absent when the history carries no times. */
  readonly ms?: number;
  /** The crash state that lost the most operations; absent when none lost any. */
  readonly state?: string;
}
