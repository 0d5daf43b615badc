import type { Table } from "../table.ts";

type CellOf = (column: string) => string;

/** The columns and rows of a table that `docs/scale.md` shows. */
interface PageView {
  readonly columns?: readonly string[];
  readonly rows?: (cell: CellOf) => boolean;
}

const VIEWS: Readonly<Record<string, PageView>> = {
  throughput: {
    columns: ["provider", "workers", "slots", "portraits a second", "slots in calls", "Redis busy"],
    rows: (cell) => /^(?:1,000|30,000|100,000.*)$/.test(cell("slots")) && cell("provider") !== "300 s",
  },
  "many-batches": {
    columns: ["provider", "slots", "active batches", "slots in calls", "between feedings, p50 ms", "Redis in all"],
    rows: (cell) =>
      cell("engine") === "as it is" &&
      ["1", "1,000", "3,000"].includes(cell("active batches")) &&
      `${cell("provider")} ${cell("slots")}` !== "5 s 100",
  },
  shares: {
    columns: [
      "workers",
      "portraits",
      "nudges",
      "dispatch",
      "rounds",
      "heartbeats",
      "gate renewals",
      "lock renewals",
      "Redis in all",
    ],
    rows: (cell) => cell("engine") === "as it is" && ["10", "1,000"].includes(cell("workers")),
  },
};

/**
 * Returns a table as shown in `docs/scale.md`. The complete table is in `bench/simulation/results`.
 *
 * @throws Error if a view names a column that the table does not have
 */
export function onPage(table: Table): Table {
  const { columns = table.columns, rows = () => true } = VIEWS[table.name] ?? {};
  const placeOf = (column: string): number => {
    const place = table.columns.indexOf(column);
    if (place < 0) throw new Error(`the table ${table.name} has no column ${column}`);
    return place;
  };
  const shown = table.rows.filter((row) => rows((column) => String(row[placeOf(column)])));
  return { name: table.name, columns, rows: shown.map((row) => columns.map((column) => row[placeOf(column)] ?? "")) };
}
