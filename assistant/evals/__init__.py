"""Evals: cases -> answers of a run -> scores -> comparison -> report. Of the product they know its answer JSON alone."""
