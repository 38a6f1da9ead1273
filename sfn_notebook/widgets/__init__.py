"""Live views in a notebook, drawn from view data alone; nothing of engines, functions or workspaces."""
