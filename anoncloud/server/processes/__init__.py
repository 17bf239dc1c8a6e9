"""Worker processes: a listener accepts, workers serve, and a small zygote forks them."""
