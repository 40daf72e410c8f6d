"""YAML -> the settings of each stage, or all errors at once, each with its line and column.

Start with `loading`: `load_config` reads a file, and `json_schema` describes the same keys to an editor.
"""
