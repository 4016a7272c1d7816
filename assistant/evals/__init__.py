"""Evals: cases -> answers of a run -> scores -> comparison -> report. Depends on the answer JSON alone."""
