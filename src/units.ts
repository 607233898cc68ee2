/**
 * Numbers that must not be mixed up. A sector is one *log sector*: the logical block of the recorded device, so 512 or
 * 4096 bytes (`LogSuperblock.sectorBytes`), never the kernel's fixed 512. Units are where this field slips.
 */
declare const unit: unique symbol;
type Branded<Name extends string> = number & { readonly [unit]: Name };

/** Position of an entry in the log; the first is 0. */
export type EntryIndex = Branded<'EntryIndex'>;
/** Position on the recorded device, in log sectors. */
export type SectorIndex = Branded<'SectorIndex'>;
/** A length on the recorded device, in log sectors. */
export type SectorCount = Branded<'SectorCount'>;

export const entryIndex = (value: number): EntryIndex => value as EntryIndex;
export const sectorIndex = (value: number): SectorIndex => value as SectorIndex;
export const sectorCount = (value: number): SectorCount => value as SectorCount;

export const KIB = 1024;
export const MIB = 1024 * KIB;
export const GIB = 1024 * MIB;

const SUFFIX_BYTES: Record<string, number> = { '': 1, K: KIB, M: MIB, G: GIB };

/** `256M`, `1G`, `8388608` -> bytes; undefined when it is not a size. Binary units, as mkfs and dd use them. */
export function parseByteCount(text: string): number | undefined {
  const match = /^(\d+)([KMG]?)(?:iB|B)?$/i.exec(text.trim());
  if (!match) return undefined;
  const bytes = Number(match[1]) * SUFFIX_BYTES[match[2]!.toUpperCase()]!;
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** 1536 -> `1.5 KiB`, for people. */
export function formatByteCount(bytes: number): string {
  for (const [name, size] of [
    ['GiB', GIB],
    ['MiB', MIB],
    ['KiB', KIB],
  ] as const) {
    if (bytes >= size) return `${trimZeros((bytes / size).toFixed(1))} ${name}`;
  }
  return `${bytes} B`;
}

const trimZeros = (text: string): string => text.replace(/\.0$/, '');
