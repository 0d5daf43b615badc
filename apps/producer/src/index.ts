export { startProducer, type RunningProducer } from "./start-producer.ts";
