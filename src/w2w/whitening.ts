/** Lower triangles, a row each; what lies right of the diagonal is not read. */
export type Triangle = readonly Float64Array[];

/** L with L·Lᵀ = the symmetric positive definite matrix of which this is the lower triangle (Cholesky). */
export function choleskyOf(matrix: Triangle): Triangle {
  const factor = matrix.map(({ length }) => new Float64Array(length));
  for (let i = 0; i < matrix.length; i++) {
    const row = factor[i]!;
    for (let j = 0; j <= i; j++) {
      const other = factor[j]!;
      let left = matrix[i]![j]!;
      for (let k = 0; k < j; k++) left -= row[k]! * other[k]!;
      row[j] = i === j ? Math.sqrt(left) : left / other[j]!;
    }
  }
  return factor;
}

/** x with L·x = the vector: its Euclidean length is the Mahalanobis length of the vector by L·Lᵀ. */
export function solvedBy(factor: Triangle, vector: Float32Array): Float32Array {
  const found = new Float32Array(vector.length);
  for (let i = 0; i < vector.length; i++) {
    const row = factor[i]!;
    let left = vector[i]!;
    for (let k = 0; k < i; k++) left -= row[k]! * found[k]!;
    found[i] = left / row[i]!;
  }
  return found;
}
