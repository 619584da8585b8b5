import { digestContract } from "../../port/digest.contract.ts";
import { simDigest } from "./sim-digest.ts";

digestContract("The simulated machine's digest", () => simDigest);
