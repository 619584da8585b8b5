// Small files, as the agent's state and definitions are: read whole and written durably (port/small-file.ts).
export {
  listIfThere,
  makeFolders,
  readSmall,
  readText,
  removeIfThere,
  type SmallFileFaultCode,
  writeDurably,
} from "../../port/small-file.ts";
