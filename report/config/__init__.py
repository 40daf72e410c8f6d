"""YAML -> the settings of each stage, every problem at once, each with its line and column.

`loading` is the way in: `load_config` reads a file, `json_schema` describes the same keys to an editor.
"""
