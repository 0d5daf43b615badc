import { objectStoreSuite } from "./object-store-suite.ts";
import { startLocal } from "./local-harness.ts";

objectStoreSuite("a local folder", startLocal);
