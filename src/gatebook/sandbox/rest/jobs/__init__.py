"""Jobs: what they are, where they are kept, how they run and what clients see of them."""
