"""The program: command line, settings, the three sentences, run folders."""

__version__ = "0.1.0"
