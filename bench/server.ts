// The web server of the benches, in a process of its own so that its work is not counted: `server.ts FOLDER [PORT]`.
import { FaultServer } from "../tools/lab/fault-server.ts";

const [folder, port = "0"] = process.argv.slice(2);
if (folder === undefined) throw new Error("server.ts needs a folder");
await using server = await FaultServer.start(folder, { port: Number(port) });
console.log(server.url);
await new Promise((resolve) => process.stdin.resume().once("end", resolve));
