/** How many of the ascending numbers are below a bound; so also where the first stands that is not. */
export function countBelow(ascending: readonly number[], bound: number): number {
  let low = 0;
  for (let high = ascending.length; low < high;) {
    const middle = (low + high) >>> 1;
    if (ascending[middle]! < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}
