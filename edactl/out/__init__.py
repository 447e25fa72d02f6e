"""The terminal: query, json, ndjson, table, text, progress, messages."""
