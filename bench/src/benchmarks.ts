import type { Benchmark } from "./benchmark.ts";
import { cleanFaces } from "./benchmarks/clean-faces.ts";
import { cpu } from "./benchmarks/cpu.ts";
import { crash } from "./benchmarks/crash.ts";
import { fairness } from "./benchmarks/fairness.ts";
import { firstStart } from "./benchmarks/first-start.ts";
import { ingest } from "./benchmarks/ingest.ts";
import { likeness } from "./benchmarks/likeness.ts";
import { listing } from "./benchmarks/listing.ts";
import { makespan } from "./benchmarks/makespan.ts";
import { memory } from "./benchmarks/memory.ts";
import { overhead } from "./benchmarks/overhead.ts";
import { pictures } from "./benchmarks/pictures.ts";
import { status } from "./benchmarks/status.ts";
import { streams } from "./benchmarks/streams.ts";

/** In the order in which `all` runs them. */
export const BENCHMARKS: readonly Benchmark[] = [
  overhead,
  cpu,
  pictures,
  likeness,
  cleanFaces,
  makespan,
  memory,
  ingest,
  listing,
  firstStart,
  fairness,
  streams,
  status,
  crash,
];
