"""What others did, and whether it fits here."""
