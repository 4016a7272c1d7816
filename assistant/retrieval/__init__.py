"""Question -> understood question -> Hits (`assistant/langchain.py` makes a LangChain retriever of it)."""
