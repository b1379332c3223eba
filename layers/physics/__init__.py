"""Pure array functions: no table, no disk, no settings."""
