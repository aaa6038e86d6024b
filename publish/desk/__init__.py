"""The desk: where a provider's officer answers a flag, on an address of its own (docs/desk.md)."""
