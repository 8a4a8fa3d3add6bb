import { join } from "node:path";
import { execa } from "execa";
import { alternate, line, median } from "../measure.mjs";
import { root, seconds } from "../stack.mjs";

/** What every command pays before it does anything. */
export async function help(rounds) {
  const node = (...args) => seconds(() => execa(process.execPath, args));
  const ours = () => node(join(root, "dist", "cli.js"), "--help");
  const nothing = () => node("-e", "0");
  await ours();
  const figures = await alternate(rounds * 5, { "pipectl --help": ours, "node -e 0": nothing });
  const ratio = median(figures["pipectl --help"]) / median(figures["node -e 0"]);
  return [line("pipectl --help / node -e 0", ratio, { most: 3 }, figures)];
}
