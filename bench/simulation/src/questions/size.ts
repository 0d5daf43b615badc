import type { Measured } from "../measure/measured.ts";
import { percent, shown, type Table } from "../table.ts";

/** Question 6: what a batch costs by its size alone. */
export function sizes({ states, ingest, producerUs }: Measured): Table {
  const rows = [10_000, 1_000_000, 10_000_000, 100_000_000].map((portraits) => {
    const peeks = portraits / states.emptyPeekPortraits;
    return [
      shown(portraits),
      `${shown((states.usedBytes / states.portraits) * (portraits / 1e6))} MB`,
      `${shown(portraits / ingest.rowsPerSecond / 60)} min`,
      `${shown((producerUs.sweepPerMillion * portraits) / 1e9)} ms`,
      percent((producerUs.sweepPerMillion * portraits) / 1e12 / 15),
      `${shown(peeks * 0.25)} s`,
    ];
  });
  return {
    name: "sizes",
    columns: [
      "portraits",
      "Redis memory",
      "ingest",
      "one sweep",
      "of the producer's time",
      "to walk past ended portraits",
    ],
    rows,
  };
}
