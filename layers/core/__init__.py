"""Ground that every layer stands on; imports nothing else of the project."""
