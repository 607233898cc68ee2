import type { TextSink } from '../text-sink.ts';

/** A terminal's eye sees no more than ten redraws a second, and each costs the terminal work. */
export const REDRAW_INTERVAL_MS = 100;

/** Lines at the end of a terminal's output that are redrawn in place; other output goes above them. */
export class StatusBlock {
  readonly #sink: TextSink;
  #drawn: readonly string[] = [];
  #drawnAtMs = -Infinity;

  constructor(sink: TextSink) {
    this.#sink = sink;
  }

  /** Replaces the lines, unless the last redraw was too recent. */
  draw(lines: readonly string[], nowMs: number): void {
    if (nowMs - this.#drawnAtMs < REDRAW_INTERVAL_MS) return;
    this.#replace('', lines, nowMs);
  }

  /** Writes lines that stay, and the block below them. */
  print(above: readonly string[], lines: readonly string[], nowMs: number): void {
    this.#replace(above.map((line) => `${line}\n`).join(''), lines, nowMs);
  }

  /** Takes the block away; the cursor stands where it began. */
  clear(): void {
    if (this.#drawn.length > 0) this.#sink.write(this.#erasure());
    this.#drawn = [];
  }

  #replace(above: string, lines: readonly string[], nowMs: number): void {
    const shown = lines.map((line) => this.#fitted(line));
    this.#drawnAtMs = nowMs;
    if (above === '' && sameLines(shown, this.#drawn)) return;
    this.#sink.write(`${this.#erasure()}${above}${shown.map((line) => `${line}\n`).join('')}`);
    this.#drawn = shown;
  }

  /** Up to the block's first line, then erase to the end of the screen. */
  #erasure(): string {
    return this.#drawn.length === 0 ? '' : `\u001B[${this.#drawn.length}A\u001B[0J`;
  }

  /** A line that wraps would take two rows, and the way up would be miscounted. */
  #fitted(line: string): string {
    const width = Math.max(1, this.#sink.columns() - 1);
    return line.length <= width ? line : line.slice(0, width);
  }
}

function sameLines(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((line, index) => line === right[index]);
}
