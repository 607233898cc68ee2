/**
 * Whether to colour is decided here and not by `util.styleText`, which asks one stream and cannot be told another: results
 * and progress go to different streams, of which either may be a file.
 */

export interface Colours {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
}

/**
 * FORCE_COLOR (any value but `0` and `false`) wins, then NO_COLOR (any value but empty, no-color.org), then TERM=dumb, then
 * whether the stream is a terminal.
 */
export function wantsColour(environment: Readonly<Record<string, string | undefined>>, isTTY: boolean): boolean {
  const forced = environment['FORCE_COLOR'];
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  if (environment['NO_COLOR']) return false;
  if (environment['TERM'] === 'dumb') return false;
  return isTTY;
}

export function createColours(enabled: boolean): Colours {
  const style = (open: number, close: number) => (text: string) =>
    enabled && text !== '' ? `\u001B[${open}m${text}\u001B[${close}m` : text;
  return { bold: style(1, 22), dim: style(2, 22), red: style(31, 39), green: style(32, 39), yellow: style(33, 39) };
}

/** For callers without a terminal. */
export const PLAIN: Colours = createColours(false);
