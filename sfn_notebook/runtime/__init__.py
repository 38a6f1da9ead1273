"""Time, order and ids for everything that happens; nothing of what happens."""
