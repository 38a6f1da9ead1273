"""Executions: commands in, events and effects out; nothing of notebooks, functions or AWS clients."""
