"""Document -> Clause: numbered standards, headed documents and pages as one addressable tree."""
