export { compareFoundFaces, type SeenFaces } from "./faces/compare-found-faces.ts";
export { startWorker, type RunningWorker } from "./start-worker.ts";
