import { badInput } from '../errors.ts';

/**
 * The vector at unit length, as a copy unless it is so already.
 * @throws HamletError `vector-invalid` (400) for a wrong length, NaN, infinity, or all zeros
 */
export function unitVector(vector: Float32Array, dims: number): Float32Array {
  if (vector.length !== dims)
    throw badInput('vector-invalid', `A vector of ${dims} numbers is expected, not ${vector.length}.`);
  let squares = 0;
  for (const value of vector) squares += value * value;
  if (!Number.isFinite(squares) || squares < 1e-24)
    throw badInput('vector-invalid', 'A vector must be finite and must not be zero.');
  if (Math.abs(squares - 1) < 1e-6) return vector;
  const norm = Math.sqrt(squares);
  return vector.map((value) => value / norm);
}
