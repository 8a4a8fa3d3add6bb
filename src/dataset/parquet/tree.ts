import type { SchemaElement, SchemaTree } from "hyparquet";

interface Place {
  readonly name: string;
  readonly element: SchemaElement;
  /** A value is there from this definition level on; below, it or something around it is NULL. */
  readonly definedAt: number;
  /** The columns of values below it, by their order in the file. */
  readonly leaves: readonly number[];
}

interface Repeated {
  /** From this definition level on it has an element; below, it is empty. */
  readonly filledAt: number;
  /** A value with this repetition level continues it. */
  readonly repetition: number;
}

/** `definedAt` is its highest definition level. */
export type Leaf = Place & {
  readonly kind: "leaf";
  /** Its place among the leaves. */
  readonly index: number;
  readonly path: readonly string[];
  /** Its highest repetition level. */
  readonly repetition: number;
  /** Digits of a second in a duration's unit: only Arrow's schema knows of those. */
  durationDigits?: number | undefined;
};
type List = Place & Repeated & { readonly kind: "list"; readonly item: Node };
/** Its entries are pairs of a key, which is a leaf, and a value. */
type Entries = Place & Repeated & { readonly kind: "map"; readonly key: Node; readonly value: Node };
type Struct = Place & { readonly kind: "struct"; readonly members: readonly Node[] };
/** A column, or a part of one: what it means, with the annotations of older writers taken into account. */
export type Node = Leaf | List | Entries | Struct;

/** Definition and repetition levels of what is around a node. */
interface Around {
  readonly definition: number;
  readonly repetition: number;
}

/**
 * The columns of a schema.
 *
 * @returns the columns, and all leaves by their order in the file
 * @throws when a group has no columns
 */
export function columnsOf({ children }: SchemaTree): { columns: Node[]; leaves: Leaf[] } {
  const leaves: Leaf[] = [];
  const columns = children.map((child) => nodeOf(child, { definition: 0, repetition: 0 }, leaves));
  return { columns, leaves };
}

function nodeOf(tree: SchemaTree, around: Around, leaves: Leaf[]): Node {
  // Without an annotation around it, a repeated field is a list that is never NULL (Parquet's LogicalTypes.md).
  if (tree.element.repetition_type === "REPEATED")
    return listOf(tree, around.definition, around, leaves, (inner) => single(tree, inner, leaves));
  return single(tree, around, leaves);
}

/** A node that is not repeated, or one element of one that is. */
function single(tree: SchemaTree, around: Around, leaves: Leaf[]): Node {
  const { element, children } = tree;
  const definedAt = around.definition + (element.repetition_type === "OPTIONAL" ? 1 : 0);
  const inside = { ...around, definition: definedAt };
  const { name } = element;
  if (children.length === 0) {
    if (element.type === undefined) throw new Error(`the group ${JSON.stringify(name)} has no columns`);
    const index = leaves.length;
    const { path } = tree;
    const { repetition } = around;
    const leaf: Leaf = { kind: "leaf", name, element, definedAt, leaves: [index], index, path, repetition };
    leaves.push(leaf);
    return leaf;
  }
  const [only] = children.length === 1 ? children : [];
  if (only?.element.repetition_type === "REPEATED") {
    if (isList(element)) {
      const [inner] = only.children;
      return listOf(tree, definedAt, inside, leaves, (deeper) =>
        inner === undefined || isElementItself(only, name)
          ? single(only, deeper, leaves)
          : nodeOf(inner, deeper, leaves),
      );
    }
    if (isMap(element)) return mapOf(tree, only, definedAt, inside, leaves);
  }
  const first = leaves.length;
  const members = children.map((child) => nodeOf(child, inside, leaves));
  return { kind: "struct", name, element, definedAt, leaves: since(first, leaves), members };
}

function listOf(
  { element }: SchemaTree,
  definedAt: number,
  around: Around,
  leaves: Leaf[],
  elementOf: (inner: Around) => Node,
): List {
  const first = leaves.length;
  const inner = { definition: around.definition + 1, repetition: around.repetition + 1 };
  const node = elementOf(inner);
  return {
    ...{ kind: "list", name: element.name, element, definedAt, leaves: since(first, leaves) },
    ...{ filledAt: inner.definition, repetition: inner.repetition, item: node },
  };
}

/** A map without values is a list of its keys; one whose keys are no plain values, a list of structs. */
function mapOf(tree: SchemaTree, entry: SchemaTree, definedAt: number, around: Around, leaves: Leaf[]): Node {
  const [key, value, more] = entry.children;
  if (key !== undefined && value === undefined)
    return listOf(tree, definedAt, around, leaves, (inner) => nodeOf(key, inner, leaves));
  const hasPlainKey = key?.children.length === 0 && key.element.repetition_type !== "REPEATED";
  if (!hasPlainKey || value === undefined || more !== undefined)
    return listOf(tree, definedAt, around, leaves, (inner) => single(entry, inner, leaves));
  const first = leaves.length;
  const inner = { definition: around.definition + 1, repetition: around.repetition + 1 };
  const { element } = tree;
  return {
    ...{ key: nodeOf(key, inner, leaves), value: nodeOf(value, inner, leaves) },
    ...{ kind: "map", name: element.name, element, definedAt, leaves: since(first, leaves) },
    ...{ filledAt: inner.definition, repetition: inner.repetition },
  };
}

const since = (first: number, leaves: readonly Leaf[]) =>
  leaves.slice(first).map((_, index) => first + index);

const isList = ({ converted_type: converted, logical_type: logical }: SchemaElement) =>
  converted === "LIST" || logical?.type === "LIST";

/** Some writers used MAP_KEY_VALUE instead. */
const isMap = ({ converted_type: converted, logical_type: logical }: SchemaElement) =>
  converted === "MAP" || converted === "MAP_KEY_VALUE" || logical?.type === "MAP";

/** The rules for older lists: the repeated group is the element, and not only a layer around it. */
function isElementItself({ element, children }: SchemaTree, list: string): boolean {
  return (
    children.length !== 1 ||
    children[0]?.element.repetition_type === "REPEATED" ||
    element.name === "array" ||
    element.name === `${list}_tuple`
  );
}
