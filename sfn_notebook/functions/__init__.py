"""Python functions of a notebook, defined and invoked as AWS Lambda does; nothing of state machines or Jupyter."""
