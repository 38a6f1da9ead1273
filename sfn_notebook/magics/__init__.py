"""The notebook's side: magics, completion and display; it knows IPython, and all else by its public names."""
