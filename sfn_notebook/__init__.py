"""State machines in notebook cells; this module only exports, and loads Jupyter parts when first asked."""
