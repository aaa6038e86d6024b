"""What we measure, and how anyone can measure it again."""
