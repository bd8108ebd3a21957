"""What a change of a policy means: its rules compared, and whom it moves. Knows nothing of terminals."""
