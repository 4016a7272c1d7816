"""Teaching stock -> workshop pack: slides, guides, sheets, each statement cited and checked."""
