"""YAML -> the settings of each stage, every problem at once, each with its line and column.

`loading.load_config` is the way in; `schema.json_schema` describes the same keys to an editor.
"""
