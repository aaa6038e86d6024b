"""A survey of a jurisdiction: pillars, indicators and elements, scored from answers to its questions. Pure."""
