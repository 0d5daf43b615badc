/**
 * Describes the crops added to a picture that was already delivered, such as "2 crops added, in signature/, website/";
 * empty without any. Names the topmost folders, so that all portraits of a batch share the text.
 */
export function addedCropsText(keys: readonly string[]): string {
  if (keys.length === 0) return "";
  const folders = [...new Set(keys.filter((key) => key.includes("/")).map((key) => `${key.split("/", 1)[0]}/`))];
  const where = folders.length === 0 ? "beside the result" : `in ${folders.join(", ")}`;
  return `${keys.length} ${keys.length === 1 ? "crop" : "crops"} added, ${where}`;
}
