"""lifeseg whatif."""
def whatif() -> None:
    """What."""
