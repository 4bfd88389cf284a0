/** Checks of values that came from outside. */
import { Refusal } from './errors.ts'

export function malformed(reason: string): Refusal {
  return new Refusal('malformed', reason)
}

export function check(condition: boolean, otherwise: string): asserts condition {
  if (!condition) throw malformed(otherwise)
}

export function isObject(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function isInteger(
  value: unknown,
  min: number,
  max: number = Number.MAX_SAFE_INTEGER,
): value is number {
  return Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max
}

export function isText(value: unknown, minLength: number, maxLength: number): value is string {
  return typeof value === 'string' && value.length >= minLength && value.length <= maxLength
}
