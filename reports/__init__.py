"""What a city reads: maps, summaries, tables, exports."""
