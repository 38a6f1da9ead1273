"""Plain data and text for people to look at: graphs, pictures, execution summaries; nothing of Jupyter."""
