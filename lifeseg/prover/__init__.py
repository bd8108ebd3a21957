"""A checked model comes in; what is true of every customer it allows goes out: proved, refuted with a customer, or open."""
