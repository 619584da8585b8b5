import { rebuilderContract } from "../../port/rebuilder.contract.ts";
import { confinedRebuilder } from "./confined-rebuilder.ts";

rebuilderContract("The confined Rebuilder", () => confinedRebuilder({ isRoot: process.getuid?.() === 0 }));
