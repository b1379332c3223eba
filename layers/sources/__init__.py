"""Readers: foreign names and units end here."""
