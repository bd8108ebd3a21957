"""The public Python API: load and check a policy, evaluate customers, get the trace of every result."""

__version__ = "0.1.0"
__all__ = ("__version__",)
