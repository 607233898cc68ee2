/** What it means that some modes show a finding and others do not. Pure; sentences for people. */
import type { Assumption, Blamed } from '../checks/verdict.ts';
import { hasBarriers } from '../filesystems/strength.ts';
import { ASSUMPTION_WORDS } from '../report/run-words.ts';
import type { Mode } from './mode.ts';
import { differsByKernel, weakerWithout, type Shown, type Spread } from './spread.ts';

/**
 * Where to look first:
 *
 * - `store`: what is violated does not depend on the file system;
 * - `reliance`: the store relies on something that POSIX does not promise and only some modes give;
 * - `filesystem`: the mode, or the kernel's file system, gives less than it promises, or by its options promises less;
 * - `device`: a disk that keeps its promises cannot show it;
 * - `undecided`: compare with one more mode, or let the modes run to the end.
 */
export const CAUSES = ['store', 'reliance', 'filesystem', 'device', 'undecided'] as const;
export type Cause = (typeof CAUSES)[number];

export interface Meaning {
  readonly cause: Cause;
  readonly meaning: string;
}

export interface Found {
  readonly blamed: Blamed;
  readonly assumption: Assumption;
  readonly spread: Spread;
  readonly shown: Shown;
}

/** Nothing that reads a disk can defend itself wholly against these. */
const DEVICE_FAULTS: readonly Assumption[] = ['lying-flush', 'bit-rot'];

export function meaningOf(found: Found): Meaning {
  const { cause, meaning } = firstMeaning(found);
  return { cause, meaning: [meaning, ...caveats(found)].join(' ') };
}

function firstMeaning({ blamed, assumption, spread, shown }: Found): Meaning {
  if (DEVICE_FAULTS.includes(assumption)) return ofFaultyDevice(assumption, spread);
  if (assumption === 'io-error') return blamed === 'store' ? STORE_AFTER_ERROR : FILESYSTEM_AFTER_ERROR;
  if (shown.on.every(({ filesystem }) => !hasBarriers(filesystem))) return WITHOUT_BARRIERS;
  if (blamed === 'filesystem') return ofFilesystem(assumption, spread);
  if (spread === 'undecided') return UNDECIDED;
  if (spread === 'all') return OF_STORE;
  if (differsByKernel(shown)) return BY_KERNEL;
  return spread === 'weaker' ? WEAKER_ONLY : ONE_OR_SOME;
}

/** A disk that says that it failed is honest: what is done then is the reader's own choice. */
const STORE_AFTER_ERROR: Meaning = {
  cause: 'store',
  meaning:
    'The store: the disk said that a write had failed, and what the store acknowledged afterwards does not survive. Look for ' +
    'what it does when a write or a sync fails: a sync that is tried again and succeeds proves nothing (docs/io-errors.md).',
};

const FILESYSTEM_AFTER_ERROR: Meaning = {
  cause: 'filesystem',
  meaning:
    'The file system: the disk told it that a write had failed, and it does not come through a power cut after that.',
};

const WITHOUT_BARRIERS: Meaning = {
  cause: 'filesystem',
  meaning:
    'Only where barriers are off: fsync does not make the disk empty its cache there, so no store can keep its promise ' +
    'unless the disk has no volatile cache. The mode gives this up, not the store.',
};

const OF_STORE: Meaning = {
  cause: 'store',
  meaning:
    'The store: every mode shows it, so it does not depend on what a file system gives beyond POSIX. ' +
    'Look for the sync that is missing or comes too late.',
};

const BY_KERNEL: Meaning = {
  cause: 'filesystem',
  meaning:
    'The file system: the same mode on another kernel does not show it, so what changed is the kernel. ' +
    'Whether that was a fault or something that the store must not rely on, its documentation says.',
};

const WEAKER_ONLY: Meaning = {
  cause: 'reliance',
  meaning:
    'An undocumented reliance of the store: only the weaker modes show it. Elsewhere it holds by an order of writes that ' +
    'only stronger modes give and POSIX does not promise; with the sync that is missing it would hold everywhere.',
};

const ONE_OR_SOME: Meaning = {
  cause: 'reliance',
  meaning:
    'Most likely an undocumented reliance of the store: the modes without it do something that POSIX does not promise. ' +
    'If the store syncs all that POSIX asks for, it is a fault of the file system.',
};

const UNDECIDED: Meaning = {
  cause: 'undecided',
  meaning: 'No mode was judged to the end that does not show it, and not all show it: too little to say why.',
};

function ofFaultyDevice(assumption: Assumption, spread: Spread): Meaning {
  const everywhere = spread === 'all' ? ' No file system here guards the store against it.' : '';
  const meaning = `The device: it takes ${ASSUMPTION_WORDS[assumption]}. That is no honest disk.${everywhere}`;
  return { cause: 'device', meaning };
}

function ofFilesystem(assumption: Assumption, spread: Spread): Meaning {
  if (assumption !== 'cache') {
    const meaning = `The device: it takes ${ASSUMPTION_WORDS[assumption]}, which the file system takes to be impossible.`;
    return { cause: 'device', meaning };
  }
  const meaning =
    spread === 'all'
      ? 'The file systems: all of them break their own promise, and no store can make them. Suspect what they share: the kernel below them.'
      : "The file system: its own promise broke, on a disk that kept its own. No store can cause it; it is the kernel's to mend.";
  return { cause: 'filesystem', meaning };
}

function caveats({ spread, shown }: Found): string[] {
  const weaker = weakerWithout(shown);
  const sentences: string[] = [];
  if (weaker.length > 0) {
    const less = weaker.length === 1 ? 'promises less and does not' : 'promise less and do not';
    sentences.push(`${listed(weaker)} ${less} show it: a matter of when things were written, or of luck.`);
  }
  if (shown.open.length > 0 && spread !== 'undecided') sentences.push(`Not judged to the end: ${listed(shown.open)}.`);
  return sentences;
}

const listed = (modes: readonly Mode[]): string => modes.map(({ name }) => name).join(' and ');
