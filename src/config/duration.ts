const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Node's timers take no more, about 24 days; a longer one would fire at once. */
export const DURATION_MS_MAX = 2 ** 31 - 1;

/**
 * `500ms`, `30s`, `1.5m`, `2h` -> milliseconds; undefined when it is no duration, is below 1 ms or longer than a timer
 * can be. A bare number is refused: nobody could say whether it means seconds or milliseconds.
 */
export function parseDurationMs(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h)$/.exec(text.trim());
  if (!match) return undefined;
  const durationMs = Math.round(Number(match[1]) * UNIT_MS[match[2]!]!);
  return durationMs >= 1 && durationMs <= DURATION_MS_MAX ? durationMs : undefined;
}
