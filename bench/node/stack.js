// The stacks that were generated of the example, element by element, for the two programs beside it.
"use strict";

const { readdirSync, readFileSync } = require("fs");
const { join } = require("path");
const { App, LocalBackend, TerraformLocal, TerraformOutput, TerraformStack } = require("cdktf");

const camel = (name) => name.replace(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase());
const pascal = (name) => camel(`_${name}`);

// Terraform's argument names as a construct's: keys of tags are the user's.
const config = (value, key) => {
  if (Array.isArray(value)) {
    return value.map((each) => (key === "depends_on" ? { fqn: each } : config(each, key)));
  }
  if (value === null || typeof value !== "object" || key === "tags") return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [camel(name), config(each, name)]));
};

const elements = (types = {}) =>
  Object.entries(types).flatMap(([type, named]) => Object.entries(named).map(([name, body]) => [type, name, body]));

module.exports = (outdir, stacks, providers) => {
  const app = new App({ outdir });
  for (const id of readdirSync(stacks)) {
    const content = JSON.parse(readFileSync(join(stacks, id, "cdk.tf.json"), "utf8"));
    const stack = new TerraformStack(app, id);
    new LocalBackend(stack, content.terraform.backend.local);
    for (const [name, [body]] of Object.entries(content.provider)) {
      new providers[name].provider[`${pascal(name)}Provider`](stack, name, config(body));
    }
    for (const [name, value] of Object.entries(content.locals ?? {})) new TerraformLocal(stack, name, value);
    for (const [type, name, body] of elements(content.data)) {
      new providers[type.split("_")[0]][camel(`data_${type}`)][pascal(`data_${type}`)](stack, name, config(body));
    }
    for (const [type, name, body] of elements(content.resource)) {
      const [provider, ...rest] = type.split("_");
      new providers[provider][camel(rest.join("_"))][pascal(rest.join("_"))](stack, name, config(body));
    }
    for (const [name, body] of Object.entries(content.output ?? {})) new TerraformOutput(stack, name, body);
  }
  app.synth();
};
