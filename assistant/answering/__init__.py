"""Hits -> Answer: extractive and generative engines, verification, declining, licences."""
