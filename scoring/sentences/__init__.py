"""The English sentences, which are the message ids of the translations."""
