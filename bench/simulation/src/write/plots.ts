import { parse, View } from "vega";
import { compile, type TopLevelSpec } from "vega-lite";
import type { ThroughputPoint } from "../questions/throughput.ts";
import { REDIS_KINDS, type RedisKind } from "../scenario.ts";

/** Readable on light and dark pages. */
const CONFIG = { background: "white", font: "sans-serif", axis: { labelFontSize: 11, titleFontSize: 12 } };

const POWERS = [0.1, 1, 10, 100, 1_000, 10_000, 100_000, 1_000_000];
/** Draws a Vega-Lite chart as SVG text. */
export async function drawChart(spec: TopLevelSpec): Promise<string> {
  const view = new View(parse(compile(spec).spec), { renderer: "none" });
  const svg = await view.toSVG();
  view.finalize();
  return `${svg}\n`;
}

/** Portraits per second by slots, with one line per number of workers and one panel per provider time. */
export function throughputChart(points: readonly ThroughputPoint[]): TopLevelSpec {
  const values = points
    .filter(({ engine }) => engine === "as it is")
    .map((point) => ({ ...point, panel: `provider ${point.providerSeconds} s` }));
  const panels = [...new Set(values.map(({ panel }) => panel))];
  const x = {
    field: "slots",
    type: "quantitative",
    scale: { type: "log" },
    axis: { values: POWERS, format: "," },
    title: "slots (calls at once)",
  } as const;
  const y = (field: string) =>
    ({
      field,
      type: "quantitative",
      scale: { type: "log" },
      axis: { values: POWERS, format: "," },
      title: "portraits (a second)",
    }) as const;
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    config: CONFIG,
    data: { values },
    title: {
      text: "Portraits a second on one Redis",
      subtitle: "Dashed: what the provider's time allows these slots. Lines that leave it: Redis is full.",
      anchor: "start",
      offset: 12,
    },
    facet: { field: "panel", type: "nominal", title: null, sort: panels },
    columns: 2,
    spec: {
      width: 300,
      height: 200,
      layer: [
        {
          mark: { type: "line", strokeDash: [4, 4], color: "#999999" },
          encoding: { x, y: y("possiblePerSecond") },
        },
        {
          mark: { type: "line", point: true },
          encoding: {
            x,
            y: y("perSecond"),
            color: {
              field: "workers",
              type: "ordinal",
              title: "workers",
              legend: { format: "," },
              scale: { scheme: { name: "viridis", extent: [0.9, 0] } },
            },
          },
        },
      ],
    },
  };
}

/** Busy time of Redis by workers at ten thousand slots, by purpose. */
export function sharesChart(
  rows: readonly {
    readonly engine: string;
    readonly workers: number;
    readonly kind: RedisKind;
    readonly share: number;
  }[],
): TopLevelSpec {
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    config: CONFIG,
    data: { values: rows.map((row) => ({ ...row, place: REDIS_KINDS.indexOf(row.kind) })) },
    title: {
      text: "What Redis is busy with: 10,000 slots, calls of 30 s",
      anchor: "start",
      offset: 12,
    },
    width: 260,
    height: 240,
    mark: "bar",
    encoding: {
      column: { field: "engine", type: "nominal", title: null, sort: ["as it is", "nudges to all"] },
      x: { field: "workers", type: "ordinal", title: "workers (processes)", axis: { labelAngle: 0 } },
      y: { field: "share", type: "quantitative", title: "Redis' time (%)", axis: { format: "%" } },
      color: { field: "kind", type: "nominal", title: null, sort: [...REDIS_KINDS], scale: { scheme: "tableau10" } },
      order: { field: "place", type: "quantitative" },
    },
  };
}

/** Portraits per second on a full Redis by workers, with the real engine and with one design choice omitted. */
export function ceilingChart(
  rows: readonly { readonly workers: number; readonly engine: string; readonly perSecond: number }[],
): TopLevelSpec {
  const engines = [...new Set(rows.map(({ engine }) => engine))];
  const legend = { labelLimit: 400, symbolType: "stroke", symbolSize: 400 } as const;
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    config: CONFIG,
    data: { values: [...rows] },
    title: { text: "A full Redis: 30,000 slots, calls of 5 s", anchor: "start", offset: 12 },
    width: 480,
    height: 240,
    mark: { type: "line", point: true },
    encoding: {
      x: {
        field: "workers",
        type: "quantitative",
        scale: { type: "log" },
        axis: { values: [10, 30, 100, 300, 1_000], format: "," },
        title: "workers (processes)",
      },
      y: { field: "perSecond", type: "quantitative", title: "portraits (a second)" },
      color: { field: "engine", type: "nominal", title: null, sort: engines, legend },
      strokeDash: { field: "engine", type: "nominal", title: null, sort: engines, legend },
    },
  };
}
