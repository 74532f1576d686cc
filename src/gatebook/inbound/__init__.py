"""The doors: bytes of a client become a Call, and a Reply becomes bytes again. Translate and render only."""
