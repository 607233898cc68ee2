import type { ForwardComparison, TriedState } from './requests.ts';

export interface TreeTried {
  readonly tried: TriedState;
  /** Hash of the recovered file tree; undefined when it could not be mounted or read. */
  readonly tree: string | undefined;
}

/** One crash state, recovered by the kernel alone and with its journal fast-forwarded. */
export function compareTries(plain: TreeTried, forwarded: TreeTried): ForwardComparison {
  if (!forwarded.tried.fastForwarded) return { forwarded: false };
  return { forwarded: true, ...difference(plain, forwarded) };
}

function difference(plain: TreeTried, forwarded: TreeTried): { difference?: string } {
  if (plain.tree !== forwarded.tree) return { difference: 'the recovered files differ' };
  for (const key of ['verdict', 'filesystemVerdict'] as const) {
    const [left, right] = [plain, forwarded].map(({ tried }) => JSON.stringify(tried[key]));
    if (left !== right) return { difference: `the verdicts differ: ${left} and ${right}` };
  }
  return {};
}
