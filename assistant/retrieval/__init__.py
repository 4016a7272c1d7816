"""Question -> understood question -> Hits; also as a LangChain retriever."""
