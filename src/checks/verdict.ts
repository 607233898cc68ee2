/** The classes of violation that design and exit contract know. `gap` is read as `reordered`. */
export const VIOLATION_CLASSES = [
  'lost',
  'torn',
  'reordered',
  'corrupt',
  'ghost',
  'phantom',
  'unstable',
  'wont-open',
  'unmountable',
  'fsck',
  'kernel',
] as const;
export type ViolationClass = (typeof VIOLATION_CLASSES)[number];

/** The weakest assumption about the device under which a state can occur; strongest trust first. */
export type Assumption = 'cache' | 'torn-512' | 'torn-4096' | 'lying-flush' | 'bit-rot' | 'io-error';

/** Whose promise broke: the file system's verdicts are kept apart from the store's. */
export type Blamed = 'store' | 'filesystem';

/** Three-valued, as in Jepsen: a state that could not be judged is unknown, never ok. */
export type Verdict =
  | { readonly kind: 'ok' }
  | {
      readonly kind: 'violated';
      readonly class: ViolationClass;
      readonly blamed: Blamed;
      /** Name of the invariant: `check`, `store-opens`, `mounts`, ... */
      readonly invariant: string;
      /** One line for people. */
      readonly message: string;
    }
  | { readonly kind: 'unknown'; readonly reason: string };

const RANK = { ok: 0, unknown: 1, violated: 2 } as const;

/** Violated outranks unknown outranks ok. Of two equals the first stays. */
export function worse(left: Verdict, right: Verdict): Verdict {
  return RANK[right.kind] > RANK[left.kind] ? right : left;
}
