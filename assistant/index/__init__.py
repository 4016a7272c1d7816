"""Clause -> Passage -> index: dense vectors in Chroma, a lexical index, the asked-as questions; built in generations."""
