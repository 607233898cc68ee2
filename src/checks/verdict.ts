/**
 * The classes of violation. A check names one of the first six in its first line of output (`gap` is read as
 * `reordered`); `unstated` is a check that exited with 1 and named none: violated by contract, but a guess at the class
 * would be ours, and the commonest cause is a bug in the check itself. The others are found by powercut: `unstable` is a
 * verdict that changed when the same state was tried again.
 */
export const VIOLATION_CLASSES = [
  'lost',
  'torn',
  'reordered',
  'corrupt',
  'ghost',
  'phantom',
  'unstated',
  'unstable',
  'wont-open',
  'unmountable',
  'fsck',
  'kernel',
] as const;
export type ViolationClass = (typeof VIOLATION_CLASSES)[number];

/**
 * The weakest assumption about the device under which a state can occur; strongest trust first. `process`: none at all, since
 * only the store's process died, and kernel and device lived on.
 */
export const ASSUMPTIONS = ['process', 'cache', 'torn-512', 'torn-4096', 'lying-flush', 'bit-rot', 'io-error'] as const;
export type Assumption = (typeof ASSUMPTIONS)[number];

/** Whose promise broke: the file system's verdicts are kept apart from the store's. */
export const BLAMED = ['store', 'filesystem'] as const;
export type Blamed = (typeof BLAMED)[number];

/** Three-valued, as in Jepsen: a state that could not be judged is unknown, never ok. */
export type Verdict =
  | { readonly kind: 'ok' }
  | {
      readonly kind: 'violated';
      readonly class: ViolationClass;
      readonly blamed: Blamed;
      /** Name of the invariant: `check`, `store-opens`, `mounts`, `fsck-clean`, `fsck-repairs`, `kernel-quiet`. */
      readonly invariant: string;
      /** One line for people. */
      readonly message: string;
    }
  | { readonly kind: 'unknown'; readonly reason: string };

export type BadVerdict = Exclude<Verdict, { kind: 'ok' }>;

const RANK = { ok: 0, unknown: 1, violated: 2 } as const;

/** Violated outranks unknown outranks ok. Of two equals the first stays. */
export function worse(left: Verdict, right: Verdict): Verdict {
  return RANK[right.kind] > RANK[left.kind] ? right : left;
}
