"""Coverage map: which recommendations of the guidance an organisation's own plans carry out."""
