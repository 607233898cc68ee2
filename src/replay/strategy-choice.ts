import { closest } from '../closest.ts';
import { UsageError } from '../errors.ts';
import { STRATEGIES, type StrategyName } from './strategies/registry.ts';
import type { Strategy } from './strategies/strategy.ts';

/** A strategy, and the value of its option if one was given. */
export interface StrategyChoice {
  readonly name: StrategyName;
  readonly value?: number;
}

/** `each-barrier`, `in-flight=128`. @throws UsageError */
export function parseStrategyChoice(text: string): StrategyChoice {
  const [name = '', ...values] = text.split('=');
  if (!isStrategyName(name)) throw unknownStrategy(name);
  if (values.length === 0) return { name };
  const strategy: Strategy = STRATEGIES[name];
  const value = /^\d{1,9}$/.test(values.join('=')) ? Number(values[0]) : Number.NaN;
  const obstacle = strategy.value ? strategy.value.obstacle(value) : 'it takes no value';
  if (obstacle === undefined) return { name, value };
  throw new UsageError(`${JSON.stringify(values.join('='))} is no value for ${name}: ${obstacle}`);
}

export const formatStrategyChoice = ({ name, value }: StrategyChoice): string =>
  value === undefined ? name : `${name}=${value}`;

const isStrategyName = (name: string): name is StrategyName => Object.hasOwn(STRATEGIES, name);

function unknownStrategy(name: string): UsageError {
  const names = Object.keys(STRATEGIES);
  const near = closest(name, names);
  const hint = near === undefined ? `there are ${names.join(', ')}` : `did you mean ${near}?`;
  return new UsageError(`${JSON.stringify(name)} is no strategy: ${hint}`);
}
