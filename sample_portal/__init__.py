"""A small DATA.GOV.HK that behaves as the real one does, and lies as it does."""
