"""From the workshop to the shop window."""
