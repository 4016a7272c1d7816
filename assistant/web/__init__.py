"""The web interface: rendering and events only; every answer comes from the stages before it."""
