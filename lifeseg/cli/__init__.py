"""The command line: words come in, one call of the pipeline is made, data goes to standard output and all
else beside it.
"""

from lifeseg.cli.start import main

__all__ = ("main",)
