import { BATCH_STATES, PORTRAIT_STATES } from "@darkroom/core";
import {
  parse,
  type AssignmentStatement,
  type CallExpression,
  type Expression,
  type FunctionDeclaration,
  type IfStatement,
  type LocalStatement,
  type Statement,
} from "luaparse";

/*
 * Determines from a script's text between which states the script may move a portrait or a batch. Follows every branch
 * with the possible states. A condition on a state narrows the possible states. Unknown values are assumed to be
 * possible.
 */

/** The state of a subject without a state yet. */
const NONE = "[*]";

export interface Transitions {
  /** As `from -> to`. */
  readonly portraits: ReadonlySet<string>;
  readonly batches: ReadonlySet<string>;
}

/** The values of arguments that contain a state, by the argument's name. */
export type StateArguments = Readonly<Record<string, readonly string[]>>;

type Subject = "portrait" | "batch" | `argument ${string}`;

/** The possible states of each subject. */
type Facts = ReadonlyMap<Subject, ReadonlySet<string>>;

const PORTRAIT_BY_CONSTANT: ReadonlyMap<string, string> = new Map(
  PORTRAIT_STATES.map((state) => [state.toUpperCase(), state]),
);
const TERMINAL: ReadonlySet<string> = new Set(["succeeded", "skipped", "failed", "cancelled"]);

/** @param runningStates results of the helper `runningState` */
export function transitionsOf(text: string, runningStates: readonly string[], args: StateArguments = {}): Transitions {
  const walk = new Walk(runningStates, args);
  const readsState = /'HM?GET', meta,[^)]*'state'/.test(text);
  const facts: [Subject, ReadonlySet<string>][] = [
    ["portrait", new Set(PORTRAIT_STATES)],
    ["batch", new Set(readsState ? BATCH_STATES : [NONE])],
    ...Object.entries(args).map(([name, values]) => [`argument ${name}`, new Set(values)] as [Subject, Set<string>]),
  ];
  walk.block(parse(text, { luaVersion: "5.1" }).body, new Map(facts));
  return walk.transitions();
}

class Walk {
  readonly #runningStates: readonly string[];
  readonly #args: StateArguments;
  readonly #portraits = new Set<string>();
  readonly #batches = new Set<string>();
  /** Counts of states that are changed at once, without moving each portrait. */
  readonly #counted = { less: new Set<string>(), more: new Set<string>() };
  /** The meaning of a local. */
  readonly #locals = new Map<string, Expression>();
  /** The field of meta in a local. */
  readonly #fields = new Map<string, string>();
  /** The fields of meta in a local table, in order. */
  readonly #tables = new Map<string, readonly string[]>();
  readonly #functions = new Map<string, FunctionDeclaration>();

  constructor(runningStates: readonly string[], args: StateArguments) {
    this.#runningStates = runningStates;
    this.#args = args;
  }

  transitions(): Transitions {
    const from = this.#counted.less.size === 0 ? [NONE] : this.#counted.less;
    add(this.#portraits, from, this.#counted.more);
    return { portraits: this.#portraits, batches: this.#batches };
  }

  /** @returns the facts afterwards; undefined if the block returns or breaks */
  block(body: readonly Statement[], before: Facts): Facts | undefined {
    let facts: Facts | undefined = before;
    for (const statement of body) {
      if (facts === undefined) return undefined;
      facts = this.#statement(statement, facts);
    }
    return facts;
  }

  #statement(statement: Statement, facts: Facts): Facts | undefined {
    if (statement.type === "LocalStatement" || statement.type === "AssignmentStatement") {
      for (const init of statement.init) this.#calls(init, facts);
      return this.#assign(statement, facts);
    }
    if (statement.type === "FunctionDeclaration") {
      if (statement.identifier?.type === "Identifier") this.#functions.set(statement.identifier.name, statement);
      return facts;
    }
    if (statement.type === "IfStatement") return this.#if(statement, facts);
    if (statement.type === "CallStatement") this.#calls(statement.expression, facts);
    else if (statement.type === "ReturnStatement") for (const each of statement.arguments) this.#calls(each, facts);
    else if ("body" in statement) this.block(statement.body, facts);
    return statement.type === "ReturnStatement" || statement.type === "BreakStatement" ? undefined : facts;
  }

  #if(statement: IfStatement, facts: Facts): Facts | undefined {
    const ends: Facts[] = [];
    let rest: Facts | undefined = facts;
    for (const clause of statement.clauses) {
      if (rest === undefined) break;
      if (clause.type !== "ElseClause") this.#calls(clause.condition, rest);
      const inside: Facts | undefined =
        clause.type === "ElseClause" ? rest : this.#narrow(clause.condition, rest, true);
      const end = inside === undefined ? undefined : this.block(clause.body, inside);
      if (end !== undefined) ends.push(end);
      rest = clause.type === "ElseClause" ? undefined : this.#narrow(clause.condition, rest, false);
    }
    if (rest !== undefined) ends.push(rest);
    const [first, ...others] = ends;
    return first === undefined ? undefined : others.reduce((all, each) => union(all, each), first);
  }

  #assign({ type, variables, init }: LocalStatement | AssignmentStatement, facts: Facts): Facts {
    const isLocal = type === "LocalStatement";
    const fields = init.length === 1 ? fieldsOfMeta(init[0]) : undefined;
    let after = facts;
    for (const [place, variable] of variables.entries()) {
      if (variable.type !== "Identifier") continue;
      const { name } = variable;
      const value = init[place];
      if (isLocal) for (const known of [this.#fields, this.#tables, this.#locals]) known.delete(name);
      const field = fields?.form === "table" ? undefined : fields?.names[place];
      if (field !== undefined) this.#fields.set(name, field);
      else if (fields?.form === "table") this.#tables.set(name, fields.names);
      else if (value !== undefined && this.#subject(value) === "portrait") {
        this.#locals.set(name, value);
        after = withFact(after, "portrait", new Set(PORTRAIT_STATES));
      } else if (name in this.#args) {
        // The number of a state denotes the same state as its text.
        const states = value === undefined ? undefined : this.#states(value, facts);
        if (states !== undefined) after = withFact(after, `argument ${name}`, states);
      } else if (value !== undefined && isLocal) this.#locals.set(name, value);
    }
    return after;
  }

  /** Returns the subject whose state an expression is. */
  #subject(expression: Expression | undefined): Subject | undefined {
    if (expression?.type === "CallExpression") {
      if (nameOf(expression) === "stateOf") return "portrait";
      if (nameOf(expression) === "tonumber") return this.#subject(expression.arguments[0]);
      const fields = fieldsOfMeta(expression);
      return fields?.form === "value" && fields.names[0] === "state" ? "batch" : undefined;
    }
    if (expression?.type === "Identifier") {
      if (expression.name in this.#args) return `argument ${expression.name}`;
      if (this.#fields.get(expression.name) === "state") return "batch";
      return this.#subject(this.#locals.get(expression.name));
    }
    if (expression?.type !== "IndexExpression") return undefined;
    const { base, index } = expression;
    if (base.type !== "Identifier" || index.type !== "NumericLiteral") return undefined;
    return this.#tables.get(base.name)?.[index.value - 1] === "state" ? "batch" : undefined;
  }

  /** Returns the possible states of an expression; undefined if it is not a state. */
  #states(expression: Expression, facts: Facts): ReadonlySet<string> | undefined {
    const subject = this.#subject(expression);
    if (subject !== undefined) return facts.get(subject);
    const constant = constantOf(expression);
    if (constant !== undefined) return new Set([constant]);
    if (expression.type === "CallExpression" && nameOf(expression) === "runningState") {
      return new Set(this.#runningStates);
    }
    if (expression.type !== "LogicalExpression") return undefined;
    const [left, right] = [this.#states(expression.left, facts), this.#states(expression.right, facts)];
    return left === undefined ? right : new Set([...left, ...(right ?? [])]);
  }

  /** Returns the facts if a condition is true, or false; undefined if that is impossible. */
  #narrow(condition: Expression, facts: Facts, isTrue: boolean): Facts | undefined {
    if (condition.type === "UnaryExpression" && condition.operator === "not") {
      return this.#narrow(condition.argument, facts, !isTrue);
    }
    if (condition.type === "LogicalExpression") {
      const left = this.#narrow(condition.left, facts, isTrue);
      if ((condition.operator === "and") === isTrue) {
        return left === undefined ? undefined : this.#narrow(condition.right, left, isTrue);
      }
      const others = this.#narrow(condition.left, facts, !isTrue);
      const right = others === undefined ? undefined : this.#narrow(condition.right, others, isTrue);
      return left === undefined ? right : right === undefined ? left : union(left, right);
    }
    if (condition.type === "BinaryExpression" && (condition.operator === "==" || condition.operator === "~=")) {
      const subject = this.#subject(condition.left);
      const value = constantOf(condition.right);
      if (subject === undefined || value === undefined) return facts;
      const isSame = (condition.operator === "==") === isTrue;
      return filter(facts, subject, (state) => (state === value) === isSame);
    }
    if (condition.type === "CallExpression" && nameOf(condition) === "isTerminal") {
      const subject = this.#subject(condition.arguments[0]);
      return subject === undefined ? facts : filter(facts, subject, (state) => TERMINAL.has(state) === isTrue);
    }
    if (condition.type === "IndexExpression") {
      const table = condition.base.type === "Identifier" ? this.#locals.get(condition.base.name) : undefined;
      const subject = this.#subject(condition.index);
      if (table?.type !== "TableConstructorExpression" || subject === undefined) return facts;
      const keys = new Set(table.fields.flatMap((field) => (field.type === "TableKeyString" ? [field.key.name] : [])));
      return filter(facts, subject, (state) => keys.has(state) === isTrue);
    }
    const value = condition.type === "Identifier" ? this.#locals.get(condition.name) : undefined;
    return value === undefined || value.type === "Identifier" ? facts : this.#narrow(value, facts, isTrue);
  }

  /** Records the changes by calls in an expression. */
  #calls(expression: Expression, facts: Facts): void {
    if (expression.type === "CallExpression") {
      this.#call(expression, facts);
      for (const each of expression.arguments) this.#calls(each, facts);
    } else if (expression.type === "FunctionDeclaration") {
      this.block(expression.body, facts);
    } else if (expression.type === "LogicalExpression" || expression.type === "BinaryExpression") {
      this.#calls(expression.left, facts);
      this.#calls(expression.right, facts);
    } else if (expression.type === "TableConstructorExpression") {
      for (const field of expression.fields) this.#calls(field.value, facts);
    }
  }

  #call(call: CallExpression, facts: Facts): void {
    const name = nameOf(call);
    const declared = name === undefined ? undefined : this.#functions.get(name);
    if (declared !== undefined) this.block(declared.body, facts);
    if (name === "move" || name === "setState") {
      const [from, to] = call.arguments.slice(1).map((each) => this.#states(each, facts));
      if (from === undefined || to === undefined) throw new Error("a script moves a portrait between unknown states");
      add(this.#portraits, from, to);
    }
    if (name !== "redis.call") return;
    const [first, , ...rest] = call.arguments;
    const command = first === undefined ? undefined : constantOf(first);
    if (command === "HSET") this.#set(rest, facts);
    if (command === "HINCRBY") {
      const counted = countedState(rest[0]);
      if (counted !== undefined) this.#counted[rest[1]?.type === "UnaryExpression" ? "less" : "more"].add(counted);
    }
    if (command === "BITFIELD") {
      const to = rest[3]?.type === "Identifier" ? PORTRAIT_BY_CONSTANT.get(rest[3].name) : undefined;
      if (to !== undefined) add(this.#portraits, facts.get("portrait") ?? [], [to]);
    }
  }

  #set(fields: readonly Expression[], facts: Facts): void {
    for (const [place, field] of fields.entries()) {
      const value = fields[place + 1];
      if (value === undefined || place % 2 === 1) continue;
      if (constantOf(field) === "state") {
        add(this.#batches, facts.get("batch") ?? [], this.#states(value, facts) ?? ["?"]);
      }
      const counted = countedState(field);
      if (counted !== undefined) this.#counted.less.add(counted);
    }
  }
}

interface MetaFields {
  readonly names: readonly string[];
  /** One value, a table of values, or several values. */
  readonly form: "value" | "table" | "values";
}

/** Returns the fields of meta that a call reads, in order. */
function fieldsOfMeta(expression: Expression | undefined): MetaFields | undefined {
  if (expression?.type !== "CallExpression") return undefined;
  const [first, second, ...rest] = expression.arguments;
  if (nameOf(expression) === "unpack") {
    const inner = fieldsOfMeta(first);
    return inner?.form === "table" ? { ...inner, form: "values" } : undefined;
  }
  const command = first === undefined ? undefined : constantOf(first);
  if (nameOf(expression) !== "redis.call" || second?.type !== "Identifier" || second.name !== "meta") return undefined;
  if (command !== "HMGET" && command !== "HGET") return undefined;
  return { names: rest.map((each) => constantOf(each) ?? ""), form: command === "HGET" ? "value" : "table" };
}

function nameOf({ base }: CallExpression): string | undefined {
  if (base.type === "Identifier") return base.name;
  if (base.type !== "MemberExpression" || base.base.type !== "Identifier") return undefined;
  return `${base.base.name}.${base.identifier.name}`;
}

/** Returns the text of a literal, or the state of a constant. */
function constantOf(expression: Expression): string | undefined {
  if (expression.type === "StringLiteral") return expression.raw.slice(1, -1);
  return expression.type === "Identifier" ? PORTRAIT_BY_CONSTANT.get(expression.name) : undefined;
}

/** Returns the state whose count is in a field of meta: `'n' .. PENDING`. */
function countedState(field: Expression | undefined): string | undefined {
  if (field?.type !== "BinaryExpression" || field.operator !== ".." || constantOf(field.left) !== "n") return undefined;
  return constantOf(field.right);
}

function add(to: Set<string>, froms: Iterable<string>, tos: Iterable<string>): void {
  for (const from of froms) for (const state of tos) if (from !== state) to.add(`${from} -> ${state}`);
}

function withFact(facts: Facts, subject: Subject, states: ReadonlySet<string>): Facts {
  return new Map([...facts, [subject, states]]);
}

function filter(facts: Facts, subject: Subject, isPossible: (state: string) => boolean): Facts | undefined {
  const states = [...(facts.get(subject) ?? [])].filter((state) => isPossible(state));
  return states.length === 0 ? undefined : withFact(facts, subject, new Set(states));
}

function union(a: Facts, b: Facts): Facts {
  return new Map([...a].map(([subject, states]) => [subject, new Set([...states, ...(b.get(subject) ?? [])])]));
}
