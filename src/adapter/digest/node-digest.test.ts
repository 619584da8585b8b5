import { digestContract } from "../../port/digest.contract.ts";
import { nodeDigest } from "./node-digest.ts";

digestContract("nodeDigest", () => nodeDigest);
