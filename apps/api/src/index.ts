export { startApi, type ApiParts, type RunningApi } from "./start-api.ts";
