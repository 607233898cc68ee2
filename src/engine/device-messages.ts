/**
 * Which of the kernel's messages are about the device under test. Its name is taken out of them: which loop device a worker
 * got is chance, and two runs must tell the same finding in the same words.
 */
const DEVICE = 'DEVICE';

/** Lines that mean damage. */
export interface Damage {
  readonly ours: readonly string[];
  /** The kernel's about itself, which name no device: they may be about what somebody else does on it. */
  readonly anybodys: readonly string[];
}

/** Lines that name the device. */
export function linesAbout(lines: readonly string[], device: string): string[] {
  return lines.filter((line) => namesDevice(line, device)).map((line) => nameless(line, device));
}

/**
 * Lines that mean damage: the file system's own about this device, and the kernel's about itself.
 * @param shared whether others try crash states on this kernel meanwhile; else what names no device is about this one
 */
export function damageAmong(
  lines: readonly string[],
  device: string,
  patterns: readonly RegExp[],
  shared: boolean,
): Damage {
  const damage = lines.filter((line) => patterns.some((pattern) => pattern.test(line)));
  const isOurs = (line: string): boolean => namesDevice(line, device) || (!shared && isAnybodys(line));
  return {
    ours: damage.filter(isOurs).map((line) => nameless(line, device)),
    anybodys: damage.filter((line) => !isOurs(line) && isAnybodys(line)),
  };
}

/** One that names a loop or zram device is about that one. What stands around it is no help: lines of all processors mix. */
const isAnybodys = (line: string): boolean =>
  /\b(?:WARNING|BUG|Oops)\b/.test(line) && !/\b(?:loop|zram)\d+\b/.test(line);

const nameless = (line: string, device: string): string => line.replaceAll(new RegExp(`\\b${device}\\b`, 'g'), DEVICE);

/** `loop1` must not be found in a message about `loop12`. */
const namesDevice = (line: string, device: string): boolean => new RegExp(`\\b${device}\\b`).test(line);
