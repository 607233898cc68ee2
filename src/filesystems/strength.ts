/**
 * What modes of a file system promise, against each other. The rule: the options of a mode are read off a few scales, and
 * one mode is stronger than another when it stands higher on one scale and lower on none. Modes of different file systems
 * have no common scale but one, which outranks all others: whether fsync reaches the disk at all (barriers).
 *
 * Not covered: options that are on no scale, such as `commit=`. They move the moment of a write and promise nothing.
 */
export type Strength = 'stronger' | 'weaker' | 'same' | 'unranked';

interface Scale {
  /** Options from the weakest promise to the strongest; those of one step mean the same. */
  readonly steps: readonly (readonly string[])[];
  /** The step without any of them, from 0. */
  readonly standard: number;
}

/** mount(8): everything is written as with O_SYNC, or what concerns directories is. */
const SYNCHRONOUS: Scale = { steps: [['async'], ['dirsync'], ['sync']], standard: 0 };

/** Sources: Documentation/filesystems/ext4 and f2fs.rst, btrfs(5). */
const SCALES: Readonly<Record<string, readonly Scale[]>> = {
  ext4: [
    { steps: [['data=writeback'], ['data=ordered'], ['data=journal']], standard: 1 },
    {
      steps: [
        ['noauto_da_alloc', 'auto_da_alloc=0'],
        ['auto_da_alloc', 'auto_da_alloc=1'],
      ],
      standard: 1,
    },
    { steps: [['mkfs.O=^has_journal'], ['mkfs.O=has_journal']], standard: 1 },
    SYNCHRONOUS,
  ],
  // ext4's disk format with none of what the journal gives, so that the two can be ranked.
  ext2: [{ steps: [[]], standard: 0 }, { steps: [[]], standard: 0 }, { steps: [[]], standard: 0 }, SYNCHRONOUS],
  btrfs: [
    { steps: [['nodatacow'], ['datacow']], standard: 1 },
    { steps: [['noflushoncommit'], ['flushoncommit']], standard: 0 },
    SYNCHRONOUS,
  ],
  f2fs: [{ steps: [['fsync_mode=posix'], ['fsync_mode=strict']], standard: 0 }, SYNCHRONOUS],
};

const OTHERS: readonly Scale[] = [SYNCHRONOUS];

const BARRIERS: Scale = {
  steps: [
    ['nobarrier', 'barrier=0', 'fsync_mode=nobarrier'],
    ['barrier', 'barrier=1', 'fsync_mode=posix', 'fsync_mode=strict'],
  ],
  standard: 1,
};

/** Those that are read off the same scales. */
const FAMILIES: Readonly<Record<string, string>> = { ext2: 'ext4' };

/** Whether fsync on this mode makes the disk empty its volatile cache. @param spec as in `--fs` */
export function hasBarriers(spec: string): boolean {
  return stepOn(BARRIERS, optionsOf(spec)) > 0;
}

/** What `left` promises, against `right`. @param left as in `--fs`, such as `ext4:data=journal` */
export function compareStrength(left: string, right: string): Strength {
  if (hasBarriers(left) !== hasBarriers(right)) return hasBarriers(left) ? 'stronger' : 'weaker';
  if (familyOf(left) !== familyOf(right)) return 'unranked';
  const others = stepsOf(right);
  const differences = stepsOf(left).map((step, scale) => step - others[scale]!);
  const isHigher = differences.some((difference) => difference > 0);
  const isLower = differences.some((difference) => difference < 0);
  if (isHigher) return isLower ? 'unranked' : 'stronger';
  return isLower ? 'weaker' : 'same';
}

function stepsOf(spec: string): number[] {
  const options = optionsOf(spec);
  return (SCALES[nameOf(spec)] ?? OTHERS).map((scale) => stepOn(scale, options));
}

/** Of two options that contradict each other the last one wins, as in mount(8). */
function stepOn({ steps, standard }: Scale, options: readonly string[]): number {
  const found = options.map((option) => steps.findIndex((step) => step.includes(option)));
  return found.findLast((step) => step !== -1) ?? standard;
}

const nameOf = (spec: string): string => spec.split(':', 1)[0]!;
const familyOf = (spec: string): string => FAMILIES[nameOf(spec)] ?? nameOf(spec);
const optionsOf = (spec: string): string[] => spec.slice(nameOf(spec).length + 1).split(',');
