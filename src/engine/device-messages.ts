/**
 * Which of the kernel's messages are about the device under test. Its name is taken out of them: which loop device a worker
 * got is chance, and two runs must tell the same finding in the same words.
 */
const DEVICE = 'DEVICE';

/** Lines that name the device. */
export function linesAbout(lines: readonly string[], device: string): string[] {
  return lines.filter((line) => namesDevice(line, device)).map((line) => nameless(line, device));
}

/** Lines that mean damage: the file system's own about this device, and the kernel's about itself, which name none. */
export function damageAmong(lines: readonly string[], device: string, patterns: readonly RegExp[]): string[] {
  const concerns = (line: string): boolean => namesDevice(line, device) || /\b(?:WARNING|BUG|Oops)\b/.test(line);
  return lines
    .filter((line) => concerns(line) && patterns.some((pattern) => pattern.test(line)))
    .map((line) => nameless(line, device));
}

const nameless = (line: string, device: string): string => line.replaceAll(new RegExp(`\\b${device}\\b`, 'g'), DEVICE);

/** `loop1` must not be found in a message about `loop12`. */
const namesDevice = (line: string, device: string): boolean => new RegExp(`\\b${device}\\b`).test(line);
