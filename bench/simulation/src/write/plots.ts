import { parse, View } from "vega";
import { compile, type TopLevelSpec } from "vega-lite";
import type { ThroughputPoint } from "../questions/throughput.ts";

/** Readable on light and dark pages. */
const CONFIG = { background: "white", font: "sans-serif", axis: { labelFontSize: 11, titleFontSize: 12 } };

/** Draws a Vega-Lite chart as SVG text. */
export async function drawChart(spec: TopLevelSpec): Promise<string> {
  const view = new View(parse(compile(spec).spec), { renderer: "none" });
  const svg = await view.toSVG();
  view.finalize();
  return `${svg}\n`;
}

/** Portraits a second against slots, a line for each number of workers, a panel for each provider time. */
export function throughputChart(points: readonly ThroughputPoint[]): TopLevelSpec {
  const values = points
    .filter(({ engine }) => engine === "as it is")
    .map((point) => ({ ...point, panel: `provider ${point.providerSeconds} s` }));
  const panels = [...new Set(values.map(({ panel }) => panel))];
  const x = {
    field: "slots",
    type: "quantitative",
    scale: { type: "log" },
    axis: { tickCount: 4 },
    title: "slots",
  } as const;
  const y = (field: string) =>
    ({
      field,
      type: "quantitative",
      scale: { type: "log" },
      axis: { tickCount: 7 },
      title: "portraits a second",
    }) as const;
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    config: CONFIG,
    data: { values },
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
            color: { field: "workers", type: "ordinal", title: "workers" },
          },
        },
      ],
    },
  };
}

/** Busy Redis against workers at ten thousand slots, by what it is busy with. */
export function sharesChart(
  rows: readonly { readonly engine: string; readonly workers: number; readonly kind: string; readonly share: number }[],
): TopLevelSpec {
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    config: CONFIG,
    data: { values: [...rows] },
    width: 260,
    height: 240,
    mark: "bar",
    encoding: {
      column: { field: "engine", type: "nominal", title: null, sort: ["as it is", "proposed"] },
      x: { field: "workers", type: "ordinal", title: "workers, 10,000 slots in all" },
      y: { field: "share", type: "quantitative", title: "share of Redis' time", axis: { format: "%" } },
      color: { field: "kind", type: "nominal", title: null },
    },
  };
}
