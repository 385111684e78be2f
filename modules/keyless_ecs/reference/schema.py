"""The delivery file as a JSON schema, by which editors complete, explain and check it."""

import json
from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from keyless_ecs.config.file import DeliveryFile
from keyless_ecs.config.setting import NONE, Setting
from keyless_ecs.reference.keys import Key, keys_of
from keyless_ecs.reference.words import told


def schema() -> dict[str, Any]:
    """Return the JSON schema of the delivery file.

    It admits whatever the program admits, and some more: what keys mean to each other, AWS or
    GitHub stays for the program to say.
    """
    return {
        "$schema": GenerateJsonSchema.schema_dialect,
        "title": "The delivery file of keyless-ecs",
        **DeliveryFile.model_json_schema(schema_generator=_Generator),
    }


@cache
def text() -> str:
    """Return the JSON schema as it stands in ``schema/``."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


class _Generator(GenerateJsonSchema):
    """What pydantic writes, with the words of each key, and without what says nothing."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002
        return False

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        model: type[BaseModel] = schema["cls"]
        made = super().model_schema(schema)
        del made["title"]
        made["description"] = _plain(told(model))
        for key in keys_of(model):
            said = made["properties"][key.name]
            if issubclass(model, Setting) and not key.required:
                said = _or_none(said)
            made["properties"][key.name] = said | _words(key)
        if issubclass(model, Setting) and model.main_key:
            main = made["properties"][model.main_key]
            made = {"description": made.pop("description"), "anyOf": [main, made]}
        return made

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        # That of a section is made of the keys below it, and null is told in words.
        if schema.get("default") is None or isinstance(schema["default"], BaseModel):
            return self.generate_inner(schema["schema"])
        return super().default_schema(schema)

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        made: JsonSchemaValue = {
            "type": "object",
            "propertyNames": self.generate_inner(schema["keys_schema"]),
            "additionalProperties": self.generate_inner(schema["values_schema"]),
        }
        if "min_length" in schema:
            made["minProperties"] = schema["min_length"]
        return made


def _or_none(schema: JsonSchemaValue) -> JsonSchemaValue:
    """Return *schema* that also admits the word which puts a key back to its default."""
    kept = {name: schema.pop(name) for name in ("default",) if name in schema}
    return {"anyOf": [*schema.get("anyOf", [schema]), {"const": NONE}], **kept}


def _words(key: Key) -> dict[str, Any]:
    said = key.words.description or ""
    if key.words.default:
        said += f"\n\nDefault: {key.default}"
    return {"description": _plain(said), "examples": [key.example_value]}


def _plain(markdown: str) -> str:
    """Return *markdown* without its marks: editors take a description for plain text."""
    return markdown.replace("`", "").replace("*required*", "required")
