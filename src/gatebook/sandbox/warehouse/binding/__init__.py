"""From SQL text to something that can run: names looked up, analyzed, given an environment for translation."""
