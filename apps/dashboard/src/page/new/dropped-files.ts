/** A file with its path in the dropped folder. */
export interface DroppedFile {
  readonly path: string;
  readonly file: File;
}

/** Returns the files of a file chooser. */
export function chosenFiles(list: FileList): readonly DroppedFile[] {
  return [...list].map((file) => ({ path: file.webkitRelativePath || file.name, file })).filter(isMeant);
}

/** Returns the files of a drop, including those in folders. Must be called within the event. */
export async function droppedFiles(transfer: DataTransfer): Promise<readonly DroppedFile[]> {
  const dropped = [...transfer.items]
    .filter(({ kind }) => kind === "file")
    .map((item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }));
  const found = await Promise.all(
    dropped.map(async ({ entry, file }) => {
      if (entry !== null) return await filesOf(entry);
      return file === null ? [] : [{ path: file.name, file }];
    }),
  );
  return found.flat().filter(isMeant);
}

async function filesOf(entry: FileSystemEntry): Promise<readonly DroppedFile[]> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    return [{ path: entry.fullPath.replace(/^\//, ""), file }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: DroppedFile[] = [];
  // Browsers return a folder's entries in groups of at most 100.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return found;
    for (const each of some) found.push(...(await filesOf(each)));
  }
}

/** Leaves out hidden files and folders, which operating systems create. */
function isMeant({ path }: DroppedFile): boolean {
  return !/(?:^|\/)(?:\.|Thumbs\.db$|desktop\.ini$|__MACOSX\/)/i.test(path);
}
