import type { Cursor } from "./cursor.js";
import type { Node } from "./tree.js";

/**
 * Reads the next value of a node, by the definition and repetition levels of the columns below it (Dremel's record assembly):
 * an array for a list, an array of pairs for a map, an array of its members for a struct, null for NULL.
 *
 * @param cursors of all columns
 * @throws when the columns contradict each other
 */
export function readNode(node: Node, cursors: readonly Cursor[]): unknown {
  const first = cursors[node.leaves[0] as number] as Cursor;
  if (first.definition < node.definedAt) {
    skip(node, cursors, node.definedAt);
    return null;
  }
  switch (node.kind) {
    case "leaf":
      return first.take();
    case "struct":
      return node.members.map((member) => readNode(member, cursors));
    case "list":
      return readRepeated(node, cursors, () => readNode(node.item, cursors));
    case "map":
      return readRepeated(node, cursors, () => {
        const key = readNode(node.key, cursors);
        if (key === null) throw new Error(`a key of the map ${JSON.stringify(node.name)} is NULL`);
        return [key, readNode(node.value, cursors)];
      });
  }
}

function readRepeated(
  node: Extract<Node, { readonly filledAt: number }>,
  cursors: readonly Cursor[],
  readItem: () => unknown,
): unknown[] {
  const first = cursors[node.leaves[0] as number] as Cursor;
  if (first.definition < node.filledAt) {
    skip(node, cursors, node.filledAt);
    return [];
  }
  const items: unknown[] = [];
  do {
    items.push(readItem());
  } while (first.repetition === node.repetition);
  for (const leaf of node.leaves)
    if ((cursors[leaf] as Cursor).repetition >= node.repetition) throw contradiction(node);
  return items;
}

/** Passes over something that is NULL, or empty: each column has one triple for it. */
function skip(node: Node, cursors: readonly Cursor[], below: number) {
  for (const leaf of node.leaves) {
    const cursor = cursors[leaf] as Cursor;
    if (cursor.definition >= below) throw contradiction(node);
    cursor.take();
  }
}

const contradiction = ({ name }: Node) =>
  new Error(`the parts of the column ${JSON.stringify(name)} contradict each other`);
