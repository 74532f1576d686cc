"""The terminal: commands that read and render. What they run is handed to them or read from files."""
