"""What events look like, which of them match, when schedules fire and how batches are retried; nothing of AWS's SDK."""
