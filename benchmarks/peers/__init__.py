"""One script a peer: each runs in its own environment, reads the same arrays, and prints what it took as JSON."""
