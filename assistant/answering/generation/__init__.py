"""What a language model is shown, and how what it writes is read."""
