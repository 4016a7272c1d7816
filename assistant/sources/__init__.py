"""Source file -> Document: manifest and licences, and one reader for each file form."""
