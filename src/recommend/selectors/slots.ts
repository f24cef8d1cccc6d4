/** Positions (from 0) kept for exploration: the last of every block of 1/share positions. */
export function exploreSlots(depth: number, share: number): Set<number> {
  const slots = new Set<number>();
  if (share <= 0) return slots;
  const block = Math.max(2, Math.round(1 / share));
  for (let position = block - 1; position < depth; position += block) slots.add(position);
  return slots;
}
