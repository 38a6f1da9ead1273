"""Services around a workflow, played by what a notebook has; the engine knows them by their protocols only."""
