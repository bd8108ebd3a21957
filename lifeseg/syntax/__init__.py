"""Text to tree and back; nothing here knows what a policy means."""
