/**
 * Returns the outcome line in an entry of the outcomes stream. In a batch with several rounds, the script that ends a
 * portrait stores the portrait's round and the batch's round beside the line. A restored entry has them in its line.
 *
 * @param fields names and values in turn
 */
export function lineOf(fields: readonly string[]): string {
  const of = Object.fromEntries(fields.flatMap((name, at) => (at % 2 === 0 ? [[name, fields[at + 1] ?? ""]] : [])));
  const { line = "", round = "0", batchRound = "0" } = of;
  if (batchRound === "0") return line;
  const rounds = {
    ...(round === "0" ? {} : { round: Number(round) }),
    ...(batchRound === round ? {} : { batchRound: Number(batchRound) }),
  };
  return JSON.stringify({ ...rounds, ...(JSON.parse(line) as object) });
}
