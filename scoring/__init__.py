"""Answers from evidence, and arithmetic over the answers."""
