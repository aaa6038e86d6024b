"""Two files laid beside each other: a dictionary and its file, a table's languages, one address's two versions.

What comes out are facts, each with its place and both values. Whether they are a fault is for scoring to say.
"""

RULES = 1
"""The version of our rules of comparing; what was compared under older ones is compared again."""
