export { loadPage, type PageFile } from "./build/page-files.ts";
