"""The Amazon States Language, pure: text, model, validation and evaluation; nothing of time, tasks or Jupyter."""
