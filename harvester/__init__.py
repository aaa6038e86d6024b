"""What the portal claims, and what its links really give."""
