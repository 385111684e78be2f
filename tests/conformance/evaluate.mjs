// GitHub's own evaluator of expressions, asked by a test: a line of JSON with the expression, its
// contexts and what the status functions say; a line with kind and text of its value, or an error.
import readline from "node:readline";
import { data, Evaluator, Lexer, Parser } from "@actions/expressions";

const STATUS = ["always", "cancelled", "failure", "success"];

function evaluated({ expression, contexts, status }) {
  const functions = STATUS.map((name) => ({
    name,
    minArgs: 0,
    maxArgs: 0,
    call: () => new data.BooleanData(status[name]),
  }));
  const parsed = new Parser(new Lexer(expression).lex().tokens, Object.keys(contexts), functions).parse();
  const values = JSON.parse(JSON.stringify(contexts), data.reviver);
  const value = new Evaluator(parsed, values, new Map(functions.map((one) => [one.name, one]))).evaluate();
  return { kind: value.constructor.name, text: value.coerceString() };
}

for await (const line of readline.createInterface({ input: process.stdin })) {
  let answer;
  try {
    answer = evaluated(JSON.parse(line));
  } catch (error) {
    answer = { error: String(error.message ?? error) };
  }
  console.log(JSON.stringify(answer));
}
