"""The kinds of portal there are: one small adapter each."""
